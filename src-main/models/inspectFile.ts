/** What stands in one weights file, for whoever wants to know before using it. */
import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FileContents } from '../contract/results.ts';
import { AppError } from '../util/appError.ts';
import { ByteFile } from './byteFile.ts';
import { listGguf, type GgufValue } from './gguf/header.ts';
import { readSafetensorsHeader } from './safetensors/header.ts';
import { valueCount } from '../util/valueCount.ts';

/** Items of a list in the metadata that are given; vocabularies have hundreds of thousands. */
const listedItems = 20;

/**
 * Tensors and metadata of a safetensors or GGUF file, told apart by its first bytes.
 * @throws AppError FILE_NOT_FOUND, FILE_UNREADABLE, SAFETENSORS_INVALID, GGUF_INVALID
 */
export async function inspectFile(path: string): Promise<FileContents> {
  const file = await ByteFile.open(path);
  try {
    const start = file.size >= 4 ? new TextDecoder('latin1').decode(await file.read(0, 4)) : '';
    if (start === 'GGUF') return await inspectGguf(file);
    if (/\.gguf$/i.test(path)) {
      throw new AppError('GGUF_INVALID', `${path} is not a GGUF file, though it is called one; download it again.`);
    }
    const contents = await inspectSafetensors(file);
    const folder = dirname(path);
    return (await isThere(join(folder, 'config.json'))) ? { ...contents, model: folder } : contents;
  } finally {
    await file.close();
  }
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

async function inspectGguf(file: ByteFile): Promise<FileContents> {
  const { metadata, tensors } = await listGguf(file);
  return {
    path: file.path,
    format: 'gguf',
    // An adapter is a part of no model by itself.
    ...(metadata.get('general.type') === 'adapter' ? {} : { model: file.path }),
    bytes: file.size,
    metadata: [...metadata].map(([key, value]) => ({ key, value: shortened(value) })),
    tensors: tensors.map(({ name, shape, type, bytes }) => ({
      name,
      shape,
      type,
      ...(bytes === undefined ? {} : { bytes }),
    })),
    parameters: tensors.reduce((sum, { shape }) => sum + valueCount(shape), 0),
  };
}

async function inspectSafetensors(file: ByteFile): Promise<FileContents> {
  const { entries, metadata } = await readSafetensorsHeader(file);
  const inOrder = [...entries.values()].sort((a, b) => a.position - b.position);
  return {
    path: file.path,
    format: 'safetensors',
    bytes: file.size,
    metadata: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    tensors: inOrder.map(({ name, shape, dtype, bytes }) => ({ name, shape, type: dtype, bytes })),
    parameters: inOrder.reduce((sum, { shape }) => sum + valueCount(shape), 0),
  };
}

/** Lists with their length and first items; whole numbers beyond 2^53 as text, since JSON has none. */
function shortened(value: GgufValue): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object') return value;
  return { length: value.length, first: value.slice(0, listedItems).map(shortened) };
}
