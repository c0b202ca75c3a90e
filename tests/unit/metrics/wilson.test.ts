import { expect, test } from 'vitest';
import { wilsonInterval } from '../../../src-main/metrics/wilson.ts';

// Values of statsmodels' proportion_confint(method="wilson").
test.each([
  [0, 10, 0, 0.27753279],
  [10, 10, 0.72246721, 1],
  [5, 10, 0.23659309, 0.76340691],
  [42, 100, 0.32798383, 0.51793513],
] as const)('%i of %i', (correct, total, low, high) => {
  const interval = wilsonInterval(correct, total);
  expect(interval.low).toBeCloseTo(low, 4);
  expect(interval.high).toBeCloseTo(high, 4);
  expect(interval.value).toBe(correct / total);
});

test('without trials nothing is known', () => {
  expect(wilsonInterval(0, 0)).toEqual({ value: 0, low: 0, high: 1 });
});
