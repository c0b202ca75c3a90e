import { expect, test } from 'vitest';
import type { Binding } from '../../../src-main/tensor/binding.ts';
import { Kernels } from '../../../src-main/tensor/kernels.ts';
import { kernelsWithoutLeaks, largestDifference, randomTensor, valuesOf } from '../../support/tensorBackend.ts';

const kernels = kernelsWithoutLeaks();

test('take frees an argument when the op that got it is done, not one that ran in between', () => {
  // Bug: freeing at the next op frees an argument whose siblings are still being computed.
  const k = kernels();
  const a = k.upload(Float32Array.of(1, 2), [2]);
  const b = k.upload(Float32Array.of(3, 4), [2]);
  const result = k.add(k.take(a), k.take(k.square(b)));
  k.free(b);
  expect([...valuesOf(k, result)]).toEqual([10, 18]);
});

test('a tensor given twice to one op and taken once is freed once', () => {
  const k = kernels();
  const a = k.upload(Float32Array.of(3), [1]);
  expect([...valuesOf(k, k.mul(k.take(a), a))]).toEqual([9]);
});

test('a failing scope frees what it made and keeps what was marked to outlive it', () => {
  const k = kernels();
  const outside = k.upload(Float32Array.of(1), [1]);
  let kept = outside;
  expect(() =>
    k.scope(() => {
      const temporary = k.square(outside);
      kept = k.keep(k.add(temporary, outside));
      k.take(temporary);
      throw new Error('midway');
    }),
  ).toThrow('midway');
  expect([...valuesOf(k, kept)]).toEqual([2]);
  expect([...valuesOf(k, outside)]).toEqual([1]);
});

test.each([
  [64, 100],
  [9, 40_000],
])('softmax of %d rows of %d values sums to 1 and keeps their ratios', (rows, columns) => {
  // Bug: a kernel for large tensors that normalises over another dimension, or lets e^200 overflow.
  const k = kernels();
  const logits = Float32Array.from({ length: rows * columns }, (_, i) => 200 * Math.sin(i));
  const result = valuesOf(k, k.softmax(k.take(k.upload(logits, [rows, columns]))));
  for (let row = 0; row < rows; row += 1) {
    const own = logits.subarray(row * columns, (row + 1) * columns);
    const largest = own.reduce((most, value) => Math.max(most, value), -Infinity);
    const weights = Float64Array.from(own, (value) => Math.exp(value - largest));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const expected = Float32Array.from(weights, (weight) => weight / total);
    expect(largestDifference(result.subarray(row * columns, (row + 1) * columns), expected)).toBeLessThan(1e-6);
  }
});

test('constants stay right when more shapes come by than the pool holds', () => {
  // Bug: evicting a constant that is still to be used, or handing out a freed one.
  const k = kernels();
  const one = k.fill([1], 1);
  for (let i = 0; i < 5000; i++) k.free(k.scale(one, i));
  expect([...valuesOf(k, k.scale(k.take(one), 7))]).toEqual([7]);
});

test('lists of one are joined and split like longer ones, as new tensors', () => {
  // Bug: ConcatV2 refuses a single tensor; handing back the same handle would free it twice.
  const k = kernels();
  const a = randomTensor(k, [2, 3], 1);
  const joined = k.concat([a], 0);
  const parts = k.split(a, [3], 1);
  expect(largestDifference(valuesOf(k, joined), k.download(a))).toBe(0);
  expect(parts).not.toContain(a);
  k.free(a, ...parts);
});

test('random numbers depend on shape and seed alone', () => {
  const k = kernels();
  const draw = (seed: readonly [number, number]): Float32Array => valuesOf(k, k.randomUniform([1000], seed));
  expect(largestDifference(draw([1, 2]), draw([1, 2]))).toBe(0);
  expect(largestDifference(draw([1, 2]), draw([1, 3]))).toBeGreaterThan(0.1);
  const mean = draw([3, 4]).reduce((sum, value) => sum + value, 0) / 1000;
  expect(Math.abs(mean - 0.5)).toBeLessThan(0.05);
});

test('an op that TensorFlow refuses names itself', () => {
  const k = kernels();
  const a = k.fill([2], 0);
  expect(() => k.execute('NoSuchOp', [], [a], 1)).toThrow(/NoSuchOp/);
  k.free(a);
});

test('running out of memory is told as such, with what to do', () => {
  const binding = {
    createTensor: () => 0,
    executeOp: () => {
      throw new Error('Invalid TF_Status: 8\nMessage: OOM when allocating tensor with shape[8,9]');
    },
  } as unknown as Binding;
  const k = new Kernels(binding);
  expect(() => k.fill([8, 9], 0)).toThrow(expect.objectContaining({ code: 'OUT_OF_MEMORY' }));
});
