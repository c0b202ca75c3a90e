import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLayout, freeLayout, planGroups, toHeads, toRows } from '../../../src-main/decoder/sequenceLayout.ts';
import { kernelsWithoutLeaks, largestDifference, randomTensor, valuesOf } from '../../support/tensorBackend.ts';

const kernels = kernelsWithoutLeaks();

test('sequences of one length are one group without index tensors', () => {
  const k = kernels();
  const plan = planGroups([7, 7, 7], 4);
  expect(plan).toEqual([[0, 1, 2]]);
  const layout = createLayout(k, [7, 7, 7], plan);
  expect(layout).toMatchObject({ groups: [{ count: 3, length: 7, rows: undefined, filled: undefined }] });
  expect(layout.places).toBeUndefined();
});

test('a long sequence does not make short ones as expensive as itself', () => {
  // Bug: padding everything to the longest sequence of the batch.
  const groups = planGroups([30, 1000, 40, 35], 9);
  expect(groups).toEqual([[1], [0, 2, 3]]);
});

test('every sequence is in exactly one group, and no group wastes more than another one costs', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(lengths, fc.integer({ min: 1, max: 64 }), (own, heads) => {
      const plan = planGroups(own, heads);
      expect(plan.flat().sort((a, b) => a - b)).toEqual(own.map((_, i) => i));
      for (const group of plan) {
        const squares = group.map((sequence) => (own[sequence] ?? 0) ** 2);
        const waste = heads * squares.reduce((sum, square) => sum + Math.max(...squares) - square, 0);
        expect(waste).toBeLessThanOrEqual(2 ** 18);
      }
    }),
  );
});

test('rows that went into groups of heads come back to their places, whatever the grouping', () => {
  // Bug: an index that is off where sequences are reordered or padded.
  const k = kernels();
  const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(lengths, fc.boolean(), (own, together) => {
      const plan = together ? [own.map((_, i) => i)] : own.map((_, i) => [own.length - 1 - i]);
      const layout = createLayout(k, own, plan);
      const rows = own.reduce((sum, length) => sum + length, 0);
      const x = randomTensor(k, [rows, 2, 3], rows);
      for (const padding of ['any', 'zero'] as const) {
        for (const shared of [1, 2]) {
          const shape = { heads: 2, headDim: 3, shared };
          const heads = layout.groups.map((group) => toHeads(k, x, group, shape, padding));
          expect(largestDifference(valuesOf(k, toRows(k, heads, layout, shape)), k.download(x))).toBe(0);
        }
      }
      k.free(x);
      freeLayout(k, layout);
    }),
    { numRuns: 40 },
  );
});

test('padding of a gradient is zero', () => {
  // Bug: padded rows repeat a real row, so their gradient would be counted twice.
  const k = kernels();
  const layout = createLayout(k, [3, 1], [[0, 1]]);
  const g = k.fill([4, 1, 1], 1);
  const heads = layout.groups.map((group) =>
    valuesOf(k, toHeads(k, g, group, { heads: 1, headDim: 1, shared: 1 }, 'zero')),
  );
  expect(heads.map((values) => [...values])).toEqual([[1, 1, 1, 1, 0, 0]]);
  k.free(g);
  freeLayout(k, layout);
});

test('a shared row is at the same place of every sequence, counts in one of them, and gets the gradients of all', () => {
  // Bug: a row of the first sequence in the place of another's, or a gradient that one sequence alone gives.
  const k = kernels();
  const cases = fc.record({
    prefix: fc.integer({ min: 1, max: 4 }),
    rests: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 2, maxLength: 5 }),
    together: fc.boolean(),
  });
  fc.assert(
    fc.property(cases, ({ prefix, rests, together }) => {
      const lengths = rests.map((rest) => prefix + rest);
      const plan = together ? [lengths.map((_, i) => i)] : lengths.map((_, i) => [lengths.length - 1 - i]);
      const layout = createLayout(k, lengths, plan, prefix);
      const rows = prefix + rests.reduce((sum, rest) => sum + rest, 0);
      const shape = { heads: 2, headDim: 1, shared: 1 };
      const x = k.upload(
        Float32Array.from({ length: 2 * rows }, (_, i) => 1 + i),
        [rows, 2, 1],
      );
      const parts = (padding: 'any' | 'zero') => layout.groups.map((group) => toHeads(k, x, group, shape, padding));
      const back = (padding: 'any' | 'zero', repeats: 'first' | 'sum') =>
        valuesOf(k, toRows(k, parts(padding), layout, shape, repeats));
      const values = k.download(x);
      expect(largestDifference(back('any', 'first'), values)).toBe(0);
      expect(largestDifference(back('zero', 'sum'), values)).toBe(0);
      const times = values.map((value, i) => (i < 2 * prefix ? lengths.length : 1) * value);
      expect(largestDifference(back('any', 'sum'), times)).toBe(0);
      k.free(x);
      freeLayout(k, layout);
    }),
    { numRuns: 40 },
  );
});
