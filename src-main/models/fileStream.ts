/** A file that is written piece by piece and appears under its name only when it is complete and on the disk. */
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { syncFolder, temporaryPath, writeError } from '../util/fsAtomic.ts';

/** Bytes after which the disk is told to begin: a sync at the end alone would wait for the whole file. */
const flushBytes = 64 * 2 ** 20;

/**
 * @param write hands over the content in any number of pieces. A piece may be written while the next one is made, so it
 *   must not change afterwards.
 * @throws AppError DISK_FULL, NOT_WRITABLE and what `write` throws; then nothing is left behind
 */
export async function writeInPieces(
  target: string,
  write: (append: (bytes: Uint8Array) => Promise<void>) => Promise<void>,
): Promise<void> {
  const unfinished = temporaryPath(target);
  try {
    const handle = await open(unfinished, 'w');
    const pieces = new Pieces(handle);
    try {
      await write((bytes) => pieces.append(bytes));
      await pieces.written();
      await handle.sync();
    } finally {
      await pieces.settled();
      await handle.close();
    }
    await rename(unfinished, target);
    await syncFolder(path.dirname(target));
  } catch (error) {
    await rm(unfinished, { force: true });
    throw writeError(target, error);
  }
}

/** Writes one piece while the caller makes the next. */
class Pieces {
  readonly #handle: FileHandle;
  #last: Promise<void> = Promise.resolve();
  #flush: Promise<void> = Promise.resolve();
  #unflushed = 0;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** Resolves when the piece before this one is written. */
  async append(bytes: Uint8Array): Promise<void> {
    await this.#last;
    this.#last = writeAll(this.#handle, bytes);
    this.#last.catch(ignore);
    this.#unflushed += bytes.byteLength;
    if (this.#unflushed < flushBytes) return;
    this.#unflushed = 0;
    await this.#flush;
    this.#flush = this.#handle.datasync();
    this.#flush.catch(ignore);
  }

  /** @throws what the last piece threw */
  async written(): Promise<void> {
    await this.#last;
    await this.#flush;
  }

  /** Nothing is under way any more, whatever came of it. */
  async settled(): Promise<void> {
    await Promise.allSettled([this.#last, this.#flush]);
  }
}

/** A failure is thrown where its promise is awaited; until then it must not count as unhandled. */
function ignore(): void {
  // See above.
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  let done = 0;
  while (done < bytes.byteLength) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.byteLength - done);
    done += bytesWritten;
  }
}
