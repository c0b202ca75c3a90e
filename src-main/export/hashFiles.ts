import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExportedFile } from '../contract/results.ts';
import { throwIfCancelled } from '../util/appError.ts';

/** Name, size and sha256 of every file in a folder, by name. Not recursive: exports are flat. */
export async function hashFiles(folder: string, signal: AbortSignal): Promise<ExportedFile[]> {
  const files: ExportedFile[] = [];
  for (const name of (await readdir(folder)).sort()) {
    throwIfCancelled(signal);
    const path = join(folder, name);
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
    files.push({ name, bytes: (await stat(path)).size, sha256: hash.digest('hex') });
  }
  return files;
}
