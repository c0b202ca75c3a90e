/** A file that is written piece by piece and appears under its name only when it is complete and on the disk. */
import { createHash } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { syncFolder, temporaryPath, writeError } from '../util/fsAtomic.ts';

/** Bytes after which the disk is told to begin: a sync at the end alone would wait for the whole file. */
const flushBytes = 64 * 2 ** 20;

/**
 * @param write hands over the content in any number of pieces. A piece may be written while the next one is made, so it
 *   must not change afterwards.
 * @returns the sha256 of the pieces, which that of the file as it is read back must equal
 * @throws AppError DISK_FULL, NOT_WRITABLE and what `write` throws; then nothing is left behind
 */
export async function writeInPieces(
  target: string,
  write: (append: (bytes: Uint8Array) => Promise<void>) => Promise<void>,
): Promise<string> {
  const unfinished = temporaryPath(target);
  let digest: string;
  try {
    const handle = await open(unfinished, 'w');
    const pieces = new Pieces(handle);
    try {
      await write((bytes) => pieces.append(bytes));
      digest = await pieces.written();
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
  return digest;
}

/** Writes one piece while the caller makes the next. */
class Pieces {
  readonly #handle: FileHandle;
  readonly #hash = createHash('sha256');
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
    this.#hash.update(bytes);
    this.#unflushed += bytes.byteLength;
    if (this.#unflushed < flushBytes) return;
    this.#unflushed = 0;
    await this.#flush;
    this.#flush = this.#handle.datasync();
    this.#flush.catch(ignore);
  }

  /**
   * @returns the sha256 of all pieces
   * @throws what the last piece threw
   */
  async written(): Promise<string> {
    await this.#last;
    await this.#flush;
    return this.#hash.digest('hex');
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
