import { expect, test } from 'vitest';
import { blockMeans } from '../../../src-main/studies/blockMeans.ts';

/** Rows of a matrix whose value tells its place. */
function reader(columns: number): (from: number, count: number) => Promise<Float32Array> {
  return async (from, count) =>
    Promise.resolve(Float32Array.from({ length: count * columns }, (_, i) => from * columns + i));
}

test('each cell is the mean of its block, and the longer side has as many as asked for', async () => {
  const image = await blockMeans([4, 6], false, 3, reader(6));
  expect([image.rows, image.columns]).toEqual([2, 3]);
  expect(image.values).toEqual([3.5, 5.5, 7.5, 15.5, 17.5, 19.5]);
  expect(image.largest).toBe(19.5);
});

test('a matrix stored the other way round is shown as [d_out, d_in]', async () => {
  const plain = await blockMeans([4, 6], false, 3, reader(6));
  const turned = await blockMeans([4, 6], true, 3, reader(6));
  expect([turned.rows, turned.columns]).toEqual([3, 2]);
  expect(turned.values).toEqual([0, 3, 1, 4, 2, 5].map((i) => plain.values[i]));
});

test('a small matrix is shown value by value', async () => {
  expect((await blockMeans([2, 2], false, 96, reader(2))).values).toEqual([0, 1, 2, 3]);
});
