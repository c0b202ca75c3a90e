import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeUnfinished, writeError, writeFileAtomic } from '../../../src-main/util/fsAtomic.ts';

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

describe('removeUnfinished', () => {
  it('takes what dead processes left, and nothing of living ones or of people', async () => {
    // Bug: the half-written export of another window that is still at work is deleted under its hands.
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    const names = [
      `.model.${dead}.tmp`,
      `.other.${dead}.tmp`,
      `.model.${process.pid}.tmp`,
      '.notes.tmp',
      'model.1.tmp',
    ];
    for (const name of names) await writeFile(path.join(folder, name), 'x');
    await removeUnfinished(folder, 'model');
    expect(await readdir(folder)).toEqual(names.slice(1).sort());
    await removeUnfinished(folder);
    expect(await readdir(folder)).toEqual(names.slice(2).sort());
  });
});

describe('writeError', () => {
  it.each([
    ['ENOENT', 'FILE_NOT_FOUND', /drive/],
    ['EIO', 'NOT_WRITABLE', /drive/],
    ['ESTALE', 'NOT_WRITABLE', /drive/],
  ])('tells a drive that is gone: %s', (errno, code, message) => {
    const cause = Object.assign(new Error(errno), { code: errno });
    expect(writeError('/a/b', cause)).toMatchObject({ code, message: expect.stringMatching(message) as unknown });
  });
});
