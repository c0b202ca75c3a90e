// Reads single files out of a zip archive (a Python wheel) with Node alone: `unzip` is not on every machine.
// Format: PKWARE APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.3.16. Archives of 4 GiB and more (zip64) are not read.
import { closeSync, createReadStream, createWriteStream, fstatSync, mkdirSync, openSync, readSync } from 'node:fs';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';
import { SetupError } from './setupError.mjs';

/** @typedef {{ name: string, method: number, compressedBytes: number, offset: number }} ZipEntry */

const endSignature = 0x06054b50;
const endBytes = 22;
const longestComment = 0xffff;
const entrySignature = 0x02014b50;
const localHeaderBytes = 30;
const stored = 0;
const deflated = 8;

/**
 * @param {number} file
 * @param {number} position
 * @param {number} length
 */
function readAt(file, position, length) {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(file, bytes, 0, length, position));
}

/**
 * @param {number} file
 * @param {string} path
 * @returns {ZipEntry[]}
 */
function readEntries(file, path) {
  const size = fstatSync(file).size;
  const tail = readAt(file, Math.max(0, size - endBytes - longestComment), endBytes + longestComment);
  let end = tail.length - endBytes;
  while (end >= 0 && tail.readUInt32LE(end) !== endSignature) end -= 1;
  if (end < 0) throw new SetupError(`${path} is not a zip archive: run npm run setup again.`);
  const directory = readAt(file, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
  /** @type {ZipEntry[]} */
  const entries = [];
  for (let at = 0; at < directory.length && directory.readUInt32LE(at) === entrySignature;) {
    const nameBytes = directory.readUInt16LE(at + 28);
    entries.push({
      method: directory.readUInt16LE(at + 10),
      compressedBytes: directory.readUInt32LE(at + 20),
      offset: directory.readUInt32LE(at + 42),
      name: directory.toString('utf8', at + 46, at + 46 + nameBytes),
    });
    at += 46 + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return entries;
}

/**
 * Writes the chosen files of an archive below a folder. The archive's checksum must have been checked before.
 * @param {string} archive
 * @param {string} folder
 * @param {(name: string) => string | undefined} place gives the path below the folder for a file's name in the archive;
 *   undefined leaves it out
 */
export async function unpackZip(archive, folder, place) {
  const file = openSync(archive, 'r');
  try {
    for (const entry of readEntries(file, archive)) {
      const below = entry.name.endsWith('/') ? undefined : place(entry.name);
      if (below === undefined) continue;
      if (isAbsolute(below) || normalize(below).startsWith('..')) {
        throw new SetupError(`${archive} names a file outside its folder: ${entry.name}.`);
      }
      if (entry.method !== stored && entry.method !== deflated) {
        throw new SetupError(`${archive} uses a compression that is not known: ${entry.name}.`);
      }
      const header = readAt(file, entry.offset, localHeaderBytes);
      const start = entry.offset + localHeaderBytes + header.readUInt16LE(26) + header.readUInt16LE(28);
      const target = join(folder, below);
      mkdirSync(dirname(target), { recursive: true });
      const source = createReadStream(archive, { start, end: start + Math.max(entry.compressedBytes, 1) - 1 });
      const output = createWriteStream(target);
      if (entry.method === deflated) await pipeline(source, createInflateRaw(), output);
      else if (entry.compressedBytes > 0) await pipeline(source, output);
      else output.end();
    }
  } finally {
    closeSync(file);
  }
}
