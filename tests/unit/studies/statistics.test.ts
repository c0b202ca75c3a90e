import { describe, expect, it } from 'vitest';
import {
  bootstrapInterval,
  deviation,
  fisherInterval,
  kendall,
  mean,
  pearson,
  ranksOf,
  spearman,
} from '../../../src-main/studies/statistics.ts';

// With ties on both sides; values of SciPy 1.17 (spearmanr, pearsonr, kendalltau, rankdata).
const x = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3];
const y = [2, 7, 1, 8, 2, 8, 1, 8, 2, 8];

describe('correlations', () => {
  it('agree with SciPy, ties included', () => {
    expect(ranksOf(x)).toEqual([4.5, 1.5, 6, 1.5, 7.5, 10, 3, 9, 7.5, 4.5]);
    expect(spearman(x, y)).toBeCloseTo(0.13471506281091267, 12);
    expect(pearson(x, y)).toBeCloseTo(0.10492284287735876, 12);
    expect(kendall(x, y)).toBeCloseTo(0.13041013273932525, 12);
  });

  it('have the interval of Fisher’s z', () => {
    const { low, high } = fisherInterval(pearson(x, y), x.length);
    expect(low).toBeCloseTo(-0.561818407022287, 10);
    expect(high).toBeCloseTo(0.6890302986922733, 10);
    expect(fisherInterval(1, 9)).toEqual({ value: 1, low: 1, high: 1 });
  });

  it('have a bootstrap interval that holds the value, is the same every time and narrows with more points', () => {
    const many = Array.from({ length: 60 }, (_, i) => i);
    const noisy = many.map((value) => value + 12 * Math.sin(7 * value));
    const few = bootstrapInterval(many.slice(0, 10), noisy.slice(0, 10), spearman);
    const all = bootstrapInterval(many, noisy, spearman);
    expect(all).toEqual(bootstrapInterval(many, noisy, spearman));
    for (const { value, low, high } of [few, all]) {
      expect(low).toBeLessThan(value);
      expect(high).toBeGreaterThan(value);
    }
    expect(all.high - all.low).toBeLessThan(few.high - few.low);
  });

  it('are no number where one series does not vary', () => {
    expect(pearson([1, 1, 1], [1, 2, 3])).toBeNaN();
    expect(kendall([1, 2, 3], [4, 4, 4])).toBeNaN();
  });
});

describe('mean and spread', () => {
  it('divide by n and n − 1; one value has no spread', () => {
    expect(mean([1, 2, 6])).toBe(3);
    expect(deviation([1, 2, 6])).toBeCloseTo(Math.sqrt(7), 12);
    expect(deviation([4])).toBeUndefined();
  });
});
