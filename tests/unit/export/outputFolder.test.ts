import { chmod, mkdir, mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openOutputFolder } from '../../../src-main/export/outputFolder.ts';
import { asOrdinaryPerson } from '../../support/ordinaryPerson.ts';

let parent = '';
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'sara-output-'));
});
afterEach(async () => rm(parent, { recursive: true }));

test('the target is there only after commit, whole', async () => {
  const folder = await openOutputFolder(join(parent, 'model'), 10);
  await writeFile(join(folder.staging, 'a.txt'), 'a');
  expect(await readdir(parent)).not.toContain('model');
  await folder.commit();
  await folder.discard();
  expect(await readFile(join(parent, 'model', 'a.txt'), 'utf8')).toBe('a');
  expect(await readdir(parent)).toEqual(['model']);
});

test('discard leaves nothing behind', async () => {
  const folder = await openOutputFolder(join(parent, 'model'), 10);
  await writeFile(join(folder.staging, 'a.txt'), 'a');
  await folder.discard();
  expect(await readdir(parent)).toEqual([]);
});

test('a folder with files in it is refused and stays as it was; an empty one is used', async () => {
  await mkdir(join(parent, 'full'));
  await writeFile(join(parent, 'full', 'mine.txt'), 'mine');
  await mkdir(join(parent, 'empty'));
  await expect(openOutputFolder(join(parent, 'full'), 10)).rejects.toMatchObject({ code: 'TARGET_EXISTS' });
  expect(await readFile(join(parent, 'full', 'mine.txt'), 'utf8')).toBe('mine');
  const folder = await openOutputFolder(join(parent, 'empty'), 10);
  await folder.commit();
  expect(await readdir(parent)).toContain('empty');
});

test('a file in the target’s place is refused', async () => {
  await writeFile(join(parent, 'model'), 'a file');
  await expect(openOutputFolder(join(parent, 'model'), 10)).rejects.toMatchObject({ code: 'TARGET_EXISTS' });
});

test('more bytes than the disk has are refused with both numbers before anything is written', async () => {
  await expect(openOutputFolder(join(parent, 'model'), 1e18)).rejects.toMatchObject({
    code: 'DISK_FULL',
    message: expect.stringMatching(/needs .*TB.*free/) as string,
  });
  expect(await readdir(parent)).toEqual([]);
});

test('a place that cannot be written to is refused with what to do, and stays as it was', async () => {
  await writeFile(join(parent, 'a file'), 'mine');
  await expect(openOutputFolder(join(parent, 'a file', 'model'), 10)).rejects.toMatchObject({
    code: 'NOT_WRITABLE',
    message: expect.stringContaining('choose another folder') as string,
  });
  expect(await readFile(join(parent, 'a file'), 'utf8')).toBe('mine');
});

test('a read-only folder is refused with what to do, and stays empty', async () => {
  const locked = join(parent, 'locked');
  await mkdir(locked);
  await chmod(locked, 0o555);
  await chmod(parent, 0o755);
  await asOrdinaryPerson(async () => {
    await expect(openOutputFolder(join(locked, 'model'), 10)).rejects.toMatchObject({
      code: 'NOT_WRITABLE',
      message: expect.stringContaining('choose another folder') as string,
    });
  });
  await chmod(locked, 0o755);
  expect(await readdir(locked)).toEqual([]);
});

// Bug caught: each export that was killed leaves gigabytes behind for good.
test('what a killed export has left of the same target goes; what may be at work stays', async () => {
  const gone = 2 ** 22 + 1;
  const old = new Date(Date.now() - 2 * 3_600_000);
  for (const name of [`.model.${gone}.tmp`, `.model.${process.ppid}.tmp`, `.model.other.${gone}.tmp`, '.model.note']) {
    await mkdir(join(parent, name));
    await utimes(join(parent, name), old, old);
  }
  await mkdir(join(parent, `.model.${gone + 1}.tmp`));
  const folder = await openOutputFolder(join(parent, 'model'), 10);
  await folder.discard();
  expect((await readdir(parent)).sort()).toEqual(
    [`.model.${process.ppid}.tmp`, `.model.${gone + 1}.tmp`, '.model.note', `.model.other.${gone}.tmp`].sort(),
  );
});
