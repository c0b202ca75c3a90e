/** The identity of a model's weights: sha256 over names, types, shapes and stored bytes, remembered between sessions. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { cancelled } from '../util/appError.ts';
import { writeFileAtomic } from '../util/fsAtomic.ts';
import { cacheDirectory } from '../util/paths.ts';
import { readChunkBytes, type ByteFile } from './byteFile.ts';
import type { TensorInfo } from './types.ts';

/** A tensor with the place of its stored bytes. */
export interface PlacedTensor {
  readonly info: TensorInfo;
  readonly file: ByteFile;
  readonly position: number;
}

/**
 * Hex sha256 over all tensors in the order of their names. Instant when the same files (path, size, time of change)
 * were hashed before.
 * @throws AppError CANCELLED, FILE_UNREADABLE
 */
export async function hashWeights(tensors: readonly PlacedTensor[], signal?: AbortSignal): Promise<string> {
  const inOrder = [...tensors].sort((a, b) => (a.info.name < b.info.name ? -1 : 1));
  const memo = memoPath(inOrder);
  const known = await readMemo(memo);
  if (known !== undefined) return known;
  const hash = createHash('sha256');
  const buffer = new Uint8Array(Math.min(readChunkBytes, Math.max(1, ...inOrder.map(({ info }) => info.bytes))));
  for (const { info, file, position } of inOrder) {
    hash.update(`${JSON.stringify([info.name, info.type, info.shape, info.bytes])}\n`);
    for (let done = 0; done < info.bytes; done += buffer.length) {
      if (signal?.aborted === true) throw cancelled();
      const part = buffer.subarray(0, Math.min(buffer.length, info.bytes - done));
      await file.readInto(part, position + done);
      hash.update(part);
    }
  }
  const digest = hash.digest('hex');
  await writeMemo(memo, digest);
  return digest;
}

/** One memo per set of files and names; a changed file has another size or time, hence another memo. */
function memoPath(tensors: readonly PlacedTensor[]): string {
  const files = new Set(tensors.map(({ file }) => file));
  const key = createHash('sha256');
  for (const file of files) key.update(`${JSON.stringify([path.resolve(file.path), file.size, file.modifiedMs])}\n`);
  for (const { info } of tensors) key.update(`${info.name}\n`);
  return path.join(cacheDirectory(), 'hashes', key.digest('hex'));
}

async function readMemo(memo: string): Promise<string | undefined> {
  try {
    const text = (await readFile(memo, 'utf8')).trim();
    return /^[0-9a-f]{64}$/.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

async function writeMemo(memo: string, digest: string): Promise<void> {
  try {
    await writeFileAtomic(memo, `${digest}\n`);
  } catch {
    // A cache that cannot be written costs time the next time, nothing else.
  }
}
