/** Takes one file out of a zip archive. Format: PKWARE APPNOTE 6.3, without zip64 and encryption. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';
import path from 'node:path';
import { ByteFile } from '../models/byteFile.ts';
import { AppError, throwIfCancelled } from '../util/appError.ts';
import { syncFile, syncFolder, temporaryPath } from '../util/fsAtomic.ts';

const endRecordBytes = 22;
const maxCommentBytes = 0xffff;
const maxDirectoryBytes = 64 * 2 ** 20;

interface ZipEntry {
  readonly headerPosition: number;
  readonly compressedBytes: number;
  readonly deflated: boolean;
}

/**
 * Unpacks an entry to `target`, which appears only when its hash is right.
 * @throws AppError DOWNLOAD_FAILED when the archive or the entry is not what it must be; CANCELLED
 */
export async function extractZipEntry(
  archive: string,
  entryName: string,
  target: string,
  sha256: string,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const { start, entry } = await locate(archive, entryName);
  const unfinished = temporaryPath(target);
  const hash = createHash('sha256');
  let done = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      hash.update(chunk);
      done += chunk.length;
      onBytes(done);
      next(null, chunk);
    },
  });
  try {
    const packed =
      entry.compressedBytes === 0
        ? Readable.from([])
        : createReadStream(archive, { start, end: start + entry.compressedBytes - 1, highWaterMark: 2 ** 20 });
    const unpacked = entry.deflated ? [createInflateRaw({ chunkSize: 2 ** 20 })] : [];
    await pipeline([packed, ...unpacked, meter, createWriteStream(unfinished)], { signal });
    if (hash.digest('hex') !== sha256) throw damaged(archive, `${entryName} in it does not match its hash`);
    await syncFile(unfinished);
    await rename(unfinished, target);
    await syncFolder(path.dirname(target));
  } catch (error) {
    await rm(unfinished, { force: true });
    throwIfCancelled(signal);
    const isZlib = error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
    throw isZlib ? damaged(archive, `${entryName} in it cannot be unpacked`) : error;
  }
}

async function locate(archive: string, entryName: string): Promise<{ start: number; entry: ZipEntry }> {
  const file = await ByteFile.open(archive);
  try {
    const entry = await findEntry(file, entryName);
    const header = view(await file.read(entry.headerPosition, 30));
    if (header.getUint32(0, true) !== 0x04034b50) throw damaged(archive, `the header of ${entryName} is not there`);
    const start = entry.headerPosition + 30 + header.getUint16(26, true) + header.getUint16(28, true);
    if (start + entry.compressedBytes > file.size) throw damaged(archive, `${entryName} ends beyond it`);
    return { start, entry };
  } finally {
    await file.close();
  }
}

async function findEntry(file: ByteFile, entryName: string): Promise<ZipEntry> {
  const directory = await readDirectory(file);
  const record = view(directory);
  for (let at = 0; at + 46 <= directory.length && record.getUint32(at, true) === 0x02014b50;) {
    const nameBytes = record.getUint16(at + 28, true);
    const name = new TextDecoder().decode(directory.subarray(at + 46, at + 46 + nameBytes));
    if (name === entryName) {
      const method = record.getUint16(at + 10, true);
      if (method !== 0 && method !== 8) throw damaged(file.path, `${entryName} is packed in the unknown way ${method}`);
      const headerPosition = record.getUint32(at + 42, true);
      if (headerPosition + 30 > file.size) throw damaged(file.path, `${entryName} begins beyond it`);
      return { headerPosition, compressedBytes: record.getUint32(at + 20, true), deflated: method === 8 };
    }
    at += 46 + nameBytes + record.getUint16(at + 30, true) + record.getUint16(at + 32, true);
  }
  throw damaged(file.path, `${entryName} is not in it`);
}

async function readDirectory(file: ByteFile): Promise<Uint8Array> {
  const tailBytes = Math.min(file.size, endRecordBytes + maxCommentBytes);
  const tail = await file.read(file.size - tailBytes, tailBytes);
  const record = view(tail);
  for (let at = tailBytes - endRecordBytes; at >= 0; at--) {
    if (record.getUint32(at, true) !== 0x06054b50) continue;
    const bytes = record.getUint32(at + 12, true);
    const position = record.getUint32(at + 16, true);
    if (bytes > maxDirectoryBytes || position + bytes > file.size) break;
    return file.read(position, bytes);
  }
  throw damaged(file.path, 'it has no directory');
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function damaged(archive: string, fault: string): AppError {
  return new AppError('DOWNLOAD_FAILED', `${path.basename(archive)} is damaged: ${fault}`);
}
