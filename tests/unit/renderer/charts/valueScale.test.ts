import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { legendValues, valueScale, type ScaleKind } from '../../../../src-renderer/charts/valueScale.ts';

const kinds: ScaleKind[] = ['linear', 'log', 'quantile'];

describe.each(kinds)('%s', (kind) => {
  test('puts the smallest value at 0, the largest at 1, and never reverses two', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 2, maxLength: 60 }), (values) => {
        fc.pre(new Set(values).size > 1);
        const scale = valueScale(kind, values);
        const sorted = [...values].sort((a, b) => a - b);
        const at = sorted.map((v) => scale.position(v));
        expect(at[0]).toBeCloseTo(0, 12);
        expect(at[at.length - 1]).toBeCloseTo(1, 12);
        for (let i = 1; i < at.length; i++) expect(at[i] ?? 0).toBeGreaterThanOrEqual(at[i - 1] ?? 0);
      }),
    );
  });
  test('equal values lie in the middle, and an empty list does not fail', () => {
    expect(valueScale(kind, [7, 7, 7]).position(7)).toBe(0.5);
    expect(Number.isFinite(valueScale(kind, []).position(3))).toBe(true);
  });
  test('value undoes position', () => {
    const values = [1, 2, 4, 9, 30, 120];
    const scale = valueScale(kind, values);
    for (const v of values) expect(scale.value(scale.position(v))).toBeCloseTo(v, 9);
  });
  test('values that are not finite count for nothing', () => {
    const scale = valueScale(kind, [NaN, 2, 8, Infinity]);
    expect([scale.minimum, scale.maximum]).toEqual([2, 8]);
    expect(scale.position(NaN)).toBe(0);
  });
});

test('log spaces by ratio, quantile by place', () => {
  expect(valueScale('log', [1, 100]).position(10)).toBeCloseTo(0.5, 12);
  const skewed = valueScale('quantile', [1, 2, 3, 4, 1000]);
  expect(skewed.position(3)).toBe(0.5);
  expect(skewed.position(4)).toBe(0.75);
});
test('a fixed domain keeps the colours while values move', () => {
  expect(valueScale('log', [5, 6], [1, 100]).position(10)).toBeCloseTo(0.5, 12);
});
test('legends show the true ends and round values between them', () => {
  const values = legendValues(valueScale('log', [3, 264]), 5, true);
  expect(values[0]).toBe(3);
  expect(values[values.length - 1]).toBe(264);
  expect(values.slice(1, -1).every((v) => [5, 10, 20, 50, 100, 200].includes(v))).toBe(true);
  expect(legendValues(valueScale('linear', [4]), 5, true)).toEqual([4]);
});
