import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeError, writeFileAtomic } from '../../../src-main/util/fsAtomic.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sara-atomic-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('writeFileAtomic', () => {
  it('replaces a file, makes missing folders and leaves nothing else', async () => {
    const file = path.join(folder, 'a', 'b.json');
    await writeFileAtomic(file, 'first');
    await writeFileAtomic(file, new TextEncoder().encode('second'));
    expect(await readFile(file, 'utf8')).toBe('second');
    expect(await readdir(path.dirname(file))).toEqual(['b.json']);
  });

  it('leaves no unfinished file when it cannot be put in place', async () => {
    const taken = path.join(folder, 'taken');
    await mkdir(path.join(taken, 'full'), { recursive: true });
    await expect(writeFileAtomic(taken, 'x')).rejects.toThrow();
    expect(await readdir(folder)).toEqual(['taken']);
  });
});

describe('writeError', () => {
  it.each([
    ['ENOSPC', 'DISK_FULL'],
    ['EDQUOT', 'DISK_FULL'],
    ['EACCES', 'NOT_WRITABLE'],
    ['EROFS', 'NOT_WRITABLE'],
  ])('turns %s into %s and names the file', (code, expected) => {
    const error = writeError('/runs/a', Object.assign(new Error(code), { code }));
    expect(error).toMatchObject({ code: expected, message: expect.stringContaining('/runs/a') as unknown });
  });

  it('passes on what it does not know', () => {
    const error = new Error('other');
    expect(writeError('/runs/a', error)).toBe(error);
  });
});
