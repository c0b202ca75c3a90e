import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unpackZip } from '../../../src-main/setup/zipFile.mjs';
import { zipOf } from '../../integration/samples/zipOf.ts';

let folder: string;
let archive: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sara-zip-'));
  archive = join(folder, 'archive.zip');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('unpacking a wheel', () => {
  it('writes the chosen files alone, byte for byte, where they are wanted', async () => {
    const library = Buffer.from(Array.from({ length: 200_000 }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 24));
    writeFileSync(
      archive,
      zipOf({ 'tensorflow/lib.so': library, 'tensorflow/empty': Buffer.alloc(0), other: library }),
    );
    const target = join(folder, 'target');
    await unpackZip(archive, target, (name) => /^tensorflow\/(.*)$/.exec(name)?.[1]);
    expect(readdirSync(target).toSorted()).toEqual(['empty', 'lib.so']);
    expect(readFileSync(join(target, 'lib.so')).equals(library)).toBe(true);
    expect(readFileSync(join(target, 'empty'))).toHaveLength(0);
  });

  it('refuses a file that would land outside the folder', async () => {
    writeFileSync(archive, zipOf({ '../outside': Buffer.from('x') }));
    await expect(unpackZip(archive, join(folder, 'target'), (name) => name)).rejects.toThrow('outside its folder');
    expect(existsSync(join(folder, 'outside'))).toBe(false);
  });

  it('says so when the file is no archive', async () => {
    writeFileSync(archive, 'not a zip');
    await expect(unpackZip(archive, folder, (name) => name)).rejects.toThrow('is not a zip archive');
  });
});
