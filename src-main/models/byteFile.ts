/** A file read by position. Nothing is read beyond what is asked for. */
import { open, readFile, stat, type FileHandle } from 'node:fs/promises';
import { AppError } from '../util/appError.ts';

/** How much is read in one piece; also the bound on what a JavaScript buffer holds while weights are converted. */
export const readChunkBytes = 16 * 2 ** 20;

/** The operating system's read takes no more than 2 GiB at once. */
const maxReadBytes = 2 ** 30;

export class ByteFile {
  readonly path: string;
  readonly size: number;
  readonly modifiedMs: number;
  readonly #handle: FileHandle;

  private constructor(path: string, handle: FileHandle, size: number, modifiedMs: number) {
    this.path = path;
    this.#handle = handle;
    this.size = size;
    this.modifiedMs = modifiedMs;
  }

  /** @throws AppError FILE_NOT_FOUND, FILE_UNREADABLE */
  static async open(path: string): Promise<ByteFile> {
    let handle: FileHandle;
    try {
      handle = await open(path, 'r');
    } catch (error) {
      throw readError(path, error);
    }
    try {
      const facts = await handle.stat();
      if (!facts.isFile()) throw new AppError('FILE_UNREADABLE', `${path} is not a file; choose a file.`);
      return new ByteFile(path, handle, facts.size, facts.mtimeMs);
    } catch (error) {
      await handle.close();
      throw readError(path, error);
    }
  }

  /**
   * Fills `target` with the bytes from `position` on.
   * @throws AppError FILE_UNREADABLE when the file ends before, or cannot be read
   */
  async readInto(target: Uint8Array, position: number): Promise<void> {
    let done = 0;
    while (done < target.byteLength) {
      const length = Math.min(maxReadBytes, target.byteLength - done);
      let bytesRead: number;
      try {
        ({ bytesRead } = await this.#handle.read(target, done, length, position + done));
      } catch (error) {
        throw readError(this.path, error);
      }
      if (bytesRead === 0) {
        throw new AppError(
          'FILE_UNREADABLE',
          `${this.path} ends at byte ${position + done} where ${target.byteLength - done} more bytes were ` +
            'expected; it was changed while it was open, so open it again.',
        );
      }
      done += bytesRead;
    }
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    await this.readInto(bytes, position);
    return bytes;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** The error to throw when reading `path` failed. */
export function readError(path: string, error: unknown): unknown {
  if (error instanceof AppError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new AppError('FILE_NOT_FOUND', `${path} does not exist; check the path.`, { cause: error });
  }
  if (typeof code === 'string') {
    return new AppError('FILE_UNREADABLE', `${path} cannot be read (${code}); check its permissions and the drive.`, {
      cause: error,
    });
  }
  return error;
}

/**
 * A small text file in full.
 * @throws AppError FILE_NOT_FOUND, FILE_UNREADABLE, CONFIG_INVALID when it is larger than `maxBytes` or not UTF-8
 */
export async function readTextFile(path: string, maxBytes: number): Promise<string> {
  let bytes: Uint8Array;
  try {
    const facts = await stat(path);
    if (!facts.isFile()) throw new AppError('FILE_UNREADABLE', `${path} is not a file; choose a file.`);
    if (facts.size > maxBytes) {
      throw new AppError(
        'CONFIG_INVALID',
        `${path} has ${facts.size} bytes, more than the ${maxBytes} such a file may have; take it from the model’s source again.`,
      );
    }
    bytes = await readFile(path);
  } catch (error) {
    throw readError(path, error);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new AppError('CONFIG_INVALID', `${path} is not valid UTF-8; take it from the model’s source again.`);
  }
}
