/** A file that is written piece by piece and appears under its name only when it is complete and on the disk. */
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { syncFolder, temporaryPath, writeError } from '../util/fsAtomic.ts';

/**
 * @param write hands over the content; may hand over any number of pieces
 * @throws AppError DISK_FULL, NOT_WRITABLE and what `write` throws; then nothing is left behind
 */
export async function writeInPieces(
  target: string,
  write: (append: (bytes: Uint8Array) => Promise<void>) => Promise<void>,
): Promise<void> {
  const unfinished = temporaryPath(target);
  try {
    const handle = await open(unfinished, 'w');
    try {
      await write((bytes) => writeAll(handle, bytes));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, target);
    await syncFolder(path.dirname(target));
  } catch (error) {
    await rm(unfinished, { force: true });
    throw writeError(target, error);
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  let done = 0;
  while (done < bytes.byteLength) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.byteLength - done);
    done += bytesWritten;
  }
}
