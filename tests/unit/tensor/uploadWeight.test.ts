import { expect, test } from 'vitest';
import { type RowSource, uploadMatrix, uploadVector } from '../../../src-main/tensor/uploadWeight.ts';
import { kernelsWithoutLeaks, largestDifference, noSignal, valuesOf } from '../../support/tensorBackend.ts';

const kernels = kernelsWithoutLeaks();

/** Value number i of the one tensor is i; notes how much is read at a time. */
class CountingSource implements RowSource {
  readonly tensors: RowSource['tensors'];
  readonly pieces: number[] = [];
  readonly memory = new Set<ArrayBufferLike>();
  readonly #columns: number;

  constructor(shape: readonly number[]) {
    this.tensors = new Map([['w', { shape }]]);
    this.#columns = shape[1] ?? 1;
  }

  readRows(_name: string, from: number, count: number, into?: Float32Array): Promise<Float32Array> {
    this.pieces.push(4 * count * this.#columns);
    const rows = into ?? new Float32Array(count * this.#columns);
    this.memory.add(rows.buffer);
    for (let i = 0; i < rows.length; i += 1) rows[i] = from * this.#columns + i;
    return Promise.resolve(rows);
  }
}

test('a large matrix comes in pieces of at most 1 MiB, in the same two rooms, and arrives whole', async () => {
  // Bug: a piece boundary that loses or repeats a row; whole-tensor reads that double the memory; a piece that is read
  // into the room of the one that is being taken over.
  const k = kernels();
  const source = new CountingSource([3000, 4000]);
  const tensor = await uploadMatrix(k, source, 'w', [3000, 4000], false, noSignal);
  expect(Math.max(...source.pieces)).toBeLessThanOrEqual(2 ** 20);
  expect(source.memory.size).toBe(2);
  const values = valuesOf(k, tensor);
  expect(values.every((value, i) => value === Math.fround(i))).toBe(true);
});

test('a Conv1D weight is turned while it streams in', async () => {
  const k = kernels();
  const source = new CountingSource([9000, 1000]);
  const tensor = await uploadMatrix(k, source, 'w', [1000, 9000], true, noSignal);
  expect(source.pieces.length).toBeGreaterThan(1);
  const turned = valuesOf(k, tensor);
  const expected = new Float32Array(9000 * 1000);
  for (let out = 0; out < 1000; out++) for (let i = 0; i < 9000; i++) expected[out * 9000 + i] = i * 1000 + out;
  expect(largestDifference(turned, expected)).toBe(0);
});

test('a tensor that is missing or has another shape is named', async () => {
  const k = kernels();
  const source = new CountingSource([4, 2]);
  await expect(uploadVector(k, source, 'absent', 4)).rejects.toMatchObject({ code: 'TENSOR_MISSING' });
  await expect(uploadMatrix(k, source, 'w', [2, 4], false, noSignal)).rejects.toMatchObject({
    code: 'TENSOR_INVALID',
    message: expect.stringMatching(/w has shape \[4, 2\].*\[2, 4\]/) as string,
  });
});

test('cancelling between pieces leaves nothing behind', async () => {
  const controller = new AbortController();
  const source = new CountingSource([3000, 4000]);
  const read = source.readRows.bind(source);
  source.readRows = (name, from, count) => {
    controller.abort();
    return read(name, from, count);
  };
  const loading = uploadMatrix(kernels(), source, 'w', [3000, 4000], false, controller.signal);
  await expect(loading).rejects.toMatchObject({ code: 'CANCELLED' });
});
