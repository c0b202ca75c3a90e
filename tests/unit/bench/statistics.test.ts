import { describe, expect, it } from 'vitest';
import { ratioOf, spreadOf, summarise } from '../../bench/statistics.ts';

describe('summaries of samples', () => {
  it('take the middle sample, or the mean of the middle two, whatever the order', () => {
    expect(summarise([3, 1, 2])).toMatchObject({ minimum: 1, median: 2, maximum: 3 });
    expect(summarise([10, 1, 2, 3]).median).toBe(2.5);
  });

  it('refuse what would put NaN on the page', () => {
    expect(() => summarise([])).toThrow(RangeError);
    expect(() => summarise([1, NaN])).toThrow(RangeError);
  });

  it('state the spread as a share of the median', () => {
    expect(spreadOf(summarise([90, 100, 110]))).toBeCloseTo(0.2);
    // A count that stays at 0 has no median to be a share of.
    expect(spreadOf(summarise([0, 0]))).toBe(0);
  });
});

describe('ratios', () => {
  // Unpaired extremes (12 / 5) would make a slow minute of the machine look like a property of a side.
  it('span the quotients of rounds that followed each other', () => {
    const ratio = ratioOf(summarise([10, 12]), summarise([5, 8]), 'rate');
    expect(ratio).toMatchObject({ low: 1.5, high: 2 });
    expect(ratio.ofMedians).toBeCloseTo(11 / 6.5);
  });

  it('compare the best of each side: the largest rate, the smallest cost', () => {
    expect(ratioOf(summarise([10, 12]), summarise([5, 8]), 'rate').ofBest).toBe(12 / 8);
    expect(ratioOf(summarise([10, 12]), summarise([5, 8]), 'cost').ofBest).toBe(10 / 5);
  });

  it('need a round of both sides each', () => {
    expect(() => ratioOf(summarise([1]), summarise([1, 2]), 'rate')).toThrow(RangeError);
  });
});
