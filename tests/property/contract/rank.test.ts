import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cumulativeSums, rankFor, ranksFor, type Measure, type RankedMatrix } from '../../../src-main/contract/rank.ts';

const spectra = fc
  .array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 40 })
  .map((values) => values.sort((a, b) => b - a));
const threshold = fc.double({ min: 1e-6, max: 1, noNaN: true });
const measure = fc.constantFrom<Measure>('sum', 'energy');

describe('the rank rule', () => {
  test('k grows with m and lies in 1 … p', () => {
    fc.assert(
      fc.property(spectra, measure, threshold, threshold, (values, by, a, b) => {
        const cumulative = cumulativeSums(values)[by];
        const low = rankFor(cumulative, Math.min(a, b));
        const high = rankFor(cumulative, Math.max(a, b));
        expect(low).toBeGreaterThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(high);
        expect(high).toBeLessThanOrEqual(values.length);
      }),
    );
  });

  test('k reaches the share and k − 1 does not', () => {
    fc.assert(
      fc.property(spectra, measure, threshold, (values, by, m) => {
        const cumulative = cumulativeSums(values)[by];
        const total = cumulative.at(-1) ?? 0;
        fc.pre(total > 0);
        const k = rankFor(cumulative, m);
        expect((cumulative[k - 1] ?? NaN) / total).toBeGreaterThanOrEqual(m);
        if (k > 1) expect((cumulative[k - 2] ?? NaN) / total).toBeLessThan(m);
      }),
    );
  });

  test('k ≤ ⌈m p⌉: the bound that estimates use before an analysis', () => {
    fc.assert(
      fc.property(spectra, measure, threshold, (values, by, m) => {
        // One more where m p is a whole number but for rounding.
        expect(rankFor(cumulativeSums(values)[by], m)).toBeLessThanOrEqual(Math.ceil(m * values.length + 1e-9));
      }),
    );
  });

  test('the squares never need more than the sum', () => {
    fc.assert(
      fc.property(spectra, threshold, (values, m) => {
        const { sum, energy } = cumulativeSums(values);
        fc.pre((energy.at(-1) ?? 0) > 1e-200);
        expect(rankFor(energy, m * 0.999999)).toBeLessThanOrEqual(rankFor(sum, m));
      }),
    );
  });

  test('ranks of a model grow with m in both granularities', () => {
    const models = fc.array(fc.tuple(fc.nat(3), spectra), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(models, fc.constantFrom('matrix', 'layer'), threshold, threshold, (model, granularity, a, b) => {
        const matrices = model.map(([layer, values]): RankedMatrix => ({
          layer,
          shape: [values.length, 50],
          cumulative: cumulativeSums(values),
        }));
        const at = (m: number): number[] =>
          ranksFor(matrices, { threshold: m, measure: 'sum', granularity: granularity });
        const low = at(Math.min(a, b));
        at(Math.max(a, b)).forEach((k, i) => expect(k).toBeGreaterThanOrEqual(low[i] ?? NaN));
      }),
    );
  });
});
