import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ByteFile } from '../models/byteFile.ts';
import { readGgufHeader } from '../models/gguf/header.ts';
import { readSafetensorsHeader } from '../models/safetensors/header.ts';

export interface ListedTensor {
  readonly shape: readonly number[];
  readonly type: string;
}

/**
 * Names, shapes and types of all tensors in one weights file, or in those of a folder, as the files themselves state them.
 * @throws AppError SAFETENSORS_INVALID, GGUF_INVALID
 */
export async function tensorList(path: string): Promise<Map<string, ListedTensor>> {
  const found = new Map<string, ListedTensor>();
  const isFolder = (await stat(path)).isDirectory();
  const folder = isFolder ? path : dirname(path);
  for (const name of isFolder ? (await readdir(path)).sort() : [basename(path)]) {
    if (!/\.(safetensors|gguf)$/.test(name)) continue;
    const file = await ByteFile.open(join(folder, name));
    try {
      if (name.endsWith('.gguf')) {
        const { tensors } = await readGgufHeader(file);
        for (const { name: tensor, shape, type } of tensors.values()) found.set(tensor, { shape, type });
      } else {
        const { entries } = await readSafetensorsHeader(file);
        for (const { name: tensor, shape, dtype } of entries.values()) found.set(tensor, { shape, type: dtype });
      }
    } finally {
      await file.close();
    }
  }
  return found;
}
