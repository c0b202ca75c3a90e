import { describe, expect, test } from 'vitest';
import {
  cumulativeSums,
  equalBudgetLoraRank,
  loraParameters,
  rankFor,
  ranksFor,
  saraParameters,
  type RankedMatrix,
  type RankRule,
} from '../../../src-main/contract/rank.ts';

const spectrum = [4, 3, 2, 1]; // shares 0.4, 0.7, 0.9, 1; of squares 16/30, 25/30, 29/30, 1
const rule: RankRule = { threshold: 0.5, measure: 'sum', granularity: 'matrix' };

function matrix(layer: number, values: readonly number[], shape: readonly [number, number] = [8, 8]): RankedMatrix {
  return { layer, shape, cumulative: cumulativeSums(values) };
}

describe('the rank rule', () => {
  test('k is the first count whose share reaches m, by the sum and not by the squares', () => {
    const { sum, energy } = cumulativeSums(spectrum);
    expect([0.01, 0.39, 0.41, 0.69, 0.71, 0.9, 0.91, 1].map((m) => rankFor(sum, m))).toEqual([1, 1, 2, 2, 3, 3, 4, 4]);
    expect([0.5, 0.54, 0.83, 0.84, 0.96, 0.97].map((m) => rankFor(energy, m))).toEqual([1, 2, 2, 3, 3, 4]);
  });

  test('a share that equals m exactly is enough', () => {
    expect(rankFor(cumulativeSums([1, 1, 1, 1]).sum, 0.5)).toBe(2);
    expect(rankFor(cumulativeSums([1, 1, 1, 1]).sum, 0.25)).toBe(1);
  });

  test('m = 1 keeps no trailing zeros', () => {
    expect(rankFor(cumulativeSums([2, 1, 0, 0]).sum, 1)).toBe(2);
  });

  test('an all-zero matrix has rank 1', () => {
    expect(rankFor(cumulativeSums([0, 0, 0]).sum, 0.5)).toBe(1);
    expect(ranksFor([matrix(0, [0, 0])], rule)).toEqual([1]);
  });

  test('sums are taken in float64: many small values are not lost', () => {
    const values = new Float32Array(100_001).fill(1e-4);
    values[0] = 1e4;
    expect((cumulativeSums(values).sum.at(-1) ?? 0) - 1e4).toBeCloseTo(10, 5);
  });
});

describe('ranks of a model', () => {
  test('one k per layer is the mean of its matrices, rounded up, and layers do not mix', () => {
    const matrices = [matrix(0, spectrum), matrix(0, [1, 1, 1, 1]), matrix(1, [9, 1, 1, 1])];
    expect(ranksFor(matrices, { ...rule, threshold: 0.7 })).toEqual([2, 3, 1]);
    expect(ranksFor(matrices, { ...rule, threshold: 0.7, granularity: 'layer' })).toEqual([3, 3, 1]);
  });

  test('floor and cap hold, but never beyond what the matrix can have', () => {
    const matrices = [matrix(0, spectrum, [4, 9]), matrix(0, [1], [1, 5])];
    expect(ranksFor(matrices, { ...rule, floor: 3 })).toEqual([3, 1]);
    expect(ranksFor(matrices, { ...rule, threshold: 1, cap: 2 })).toEqual([2, 1]);
    expect(ranksFor(matrices, { ...rule, floor: 5, cap: 2 })).toEqual([2, 1]);
  });

  test('the mean of a layer does not exceed a small matrix of it', () => {
    const matrices = [
      matrix(
        0,
        Array.from({ length: 8 }, () => 1),
      ),
      matrix(0, [1, 1], [2, 8]),
    ];
    expect(ranksFor(matrices, { ...rule, threshold: 1, granularity: 'layer' })).toEqual([5, 2]);
  });
});

describe('parameters', () => {
  test('k (d_out + d_in + 1) for SARA, r (d_out + d_in) for LoRA', () => {
    expect(saraParameters([576, 1536], 25)).toBe(25 * 2113);
    expect(loraParameters([576, 1536], 8)).toBe(8 * 2112);
  });

  test('the equal-budget rank is the largest whose count does not exceed the budget, and at least 1', () => {
    const shapes = [
      [10, 20],
      [5, 5],
    ] as const;
    expect([39, 40, 79, 80, 81].map((budget) => equalBudgetLoraRank(shapes, budget))).toEqual([1, 1, 1, 2, 2]);
    expect(equalBudgetLoraRank(shapes, 0)).toBe(1);
    expect(equalBudgetLoraRank([], 100)).toBe(1);
  });
});
