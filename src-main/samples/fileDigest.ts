import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { throwIfCancelled } from '../util/appError.ts';

/**
 * Hex digest of a file.
 * @param prefix hashed before the content: git puts `blob SIZE\0` before a file's bytes
 * @throws AppError CANCELLED
 */
export async function fileDigest(
  file: string,
  algorithm: 'sha256' | 'sha1',
  signal: AbortSignal,
  prefix = '',
): Promise<string> {
  const hash = createHash(algorithm).update(prefix);
  for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer>) {
    throwIfCancelled(signal);
    hash.update(chunk);
  }
  return hash.digest('hex');
}
