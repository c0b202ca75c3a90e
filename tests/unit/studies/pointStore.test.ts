import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PointStore } from '../../../src-main/studies/pointStore.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sara-points-'));
});
afterEach(async () => rm(folder, { recursive: true }));

const file = (): string => path.join(folder, 'store', 'points.jsonl');

async function filled(): Promise<PointStore> {
  const store = await PointStore.open(path.join(folder, 'store'));
  await store.add('a', { loss: 1.5, note: 'café ☕' });
  await store.add('b', [1, null]);
  return store;
}

test('points are there again when the store is opened anew', async () => {
  await filled();
  const again = await PointStore.open(path.join(folder, 'store'));
  expect(again.get('a')).toEqual({ loss: 1.5, note: 'café ☕' });
  expect(again.get('b')).toEqual([1, null]);
  expect(again.get('c')).toBeUndefined();
});

// Bug: a line that was cut off by a crash swallowing the point after it.
test('a line that was cut off loses itself alone', async () => {
  await filled();
  const content = await readFile(file());
  await writeFile(file(), content.subarray(0, content.length - 9));
  const cut = await PointStore.open(path.join(folder, 'store'));
  expect([cut.get('a') !== undefined, cut.get('b')]).toEqual([true, undefined]);
  await cut.add('c', 3);
  const again = await PointStore.open(path.join(folder, 'store'));
  expect([again.get('a') !== undefined, again.get('b'), again.get('c')]).toEqual([true, undefined, 3]);
});

test('a point that was changed by hand is not believed', async () => {
  await filled();
  await writeFile(file(), (await readFile(file(), 'utf8')).replace('1.5', '0.5'));
  await appendFile(file(), '{}\nnot JSON\n');
  const again = await PointStore.open(path.join(folder, 'store'));
  expect(again.get('a')).toBeUndefined();
  expect(again.get('b')).toEqual([1, null]);
});

test('a store that cannot be written says so', async () => {
  await writeFile(path.join(folder, 'store'), 'a file where the folder should be');
  const store = await PointStore.open(path.join(folder, 'store'));
  await expect(store.add('a', 1)).rejects.toThrow();
});
