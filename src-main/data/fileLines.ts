import { open, type FileHandle } from 'node:fs/promises';
import { AppError, throwIfCancelled } from '../util/appError.ts';

/** Read at a time; the memory that reading takes is a few of these plus one row. */
export const chunkBytes = 256 * 1024;
/** Read where the end is expected; a file that grows goes on from there. */
const endBytes = 1024;
/** Longest row. A row of text is at most some megabytes; beyond this a quote or newline is missing. */
export const maxRowBytes = 16 * 2 ** 20;

export interface FileChunk {
  /** Offset of the first byte in the file. */
  readonly at: number;
  readonly bytes: Buffer;
}

/**
 * The bytes of a file in order, without a UTF-8 byte-order mark.
 * @param from offset to begin at
 * @throws AppError FILE_NOT_FOUND, FILE_UNREADABLE, DATA_INVALID for UTF-16 text, CANCELLED
 */
export async function* fileChunks(path: string, signal: AbortSignal, from = 0): AsyncGenerator<FileChunk> {
  const handle = await openDataFile(path);
  try {
    const { size } = await handle.stat().catch((error: unknown) => {
      throw fileError(path, error);
    });
    let at = from;
    for (;;) {
      throwIfCancelled(signal);
      // No larger than what is left: hundreds of small files are read one after the other.
      const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, Math.max(size - at, endBytes)));
      const { bytesRead } = await readAt(handle, buffer, at, path);
      if (bytesRead === 0) return;
      const read = buffer.subarray(0, bytesRead);
      const bytes = at === 0 ? withoutMark(read, path) : read;
      yield { at: at + read.length - bytes.length, bytes };
      at += bytesRead;
    }
  } finally {
    await handle.close();
  }
}

async function openDataFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw fileError(path, error);
  }
}

async function readAt(
  handle: FileHandle,
  buffer: Buffer,
  position: number,
  path: string,
): Promise<{ bytesRead: number }> {
  try {
    return await handle.read(buffer, 0, buffer.length, position);
  } catch (error) {
    throw fileError(path, error);
  }
}

/** The error to throw when a data file cannot be opened or read. */
export function fileError(path: string, error: unknown): AppError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown fault';
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new AppError('FILE_NOT_FOUND', `The data file ${path} does not exist; check the path.`, { cause: error });
  }
  const reason = code === 'EISDIR' ? 'it is a folder; choose a file' : `${code}; check its permissions and the drive`;
  return new AppError('FILE_UNREADABLE', `The data file ${path} cannot be read: ${reason}.`, { cause: error });
}

function withoutMark(bytes: Buffer, path: string): Buffer {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return bytes.subarray(3);
  const mark = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  if (bytes.length >= 2 && (mark === 0xfffe || mark === 0xfeff)) {
    throw new AppError('DATA_INVALID', `${path} is UTF-16 text; save it as UTF-8.`);
  }
  return bytes;
}

export interface Line {
  /** Counted from 1. */
  readonly number: number;
  /** Offset of its first byte in the file. */
  readonly at: number;
  /** Without the newline; a carriage return before it is still there. Undefined when longer than {@link maxRowBytes}. */
  readonly bytes: Buffer | undefined;
}

/**
 * Lines of a file, a chunk's worth at a time. The last one needs no newline. Errors as {@link fileChunks}.
 * @param from a line to begin with: its number and offset
 */
export async function* fileLines(
  path: string,
  signal: AbortSignal,
  from: { readonly number: number; readonly at: number } = { number: 1, at: 0 },
): AsyncGenerator<Line[]> {
  let { number } = from;
  let begin: number | undefined;
  let held: Buffer[] = [];
  let heldBytes = 0;
  for await (const chunk of fileChunks(path, signal, from.at)) {
    const lines: Line[] = [];
    const { bytes } = chunk;
    begin ??= chunk.at;
    let start = 0;
    for (let newline = bytes.indexOf(10); newline >= 0; newline = bytes.indexOf(10, start)) {
      const end = bytes.subarray(start, newline);
      const tooLong = heldBytes + end.length > maxRowBytes;
      const whole = held.length === 0 ? end : Buffer.concat([...held, end]);
      lines.push({ number, at: begin, bytes: tooLong ? undefined : whole });
      number += 1;
      held = [];
      heldBytes = 0;
      start = newline + 1;
      begin = chunk.at + start;
    }
    const rest = bytes.subarray(start);
    heldBytes += rest.length;
    if (heldBytes > maxRowBytes) held = [];
    else if (rest.length > 0) held.push(rest);
    yield lines;
  }
  if (heldBytes > 0) {
    yield [{ number, at: begin ?? 0, bytes: heldBytes > maxRowBytes ? undefined : Buffer.concat(held) }];
  }
}
