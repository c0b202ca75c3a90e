import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { effectiveRank, productSingularValues } from '../../../src-main/training/productSpectrum.ts';
import { Rng } from '../../../src-main/util/rng.ts';

/** L R in float64. */
function product(left: Float32Array, right: Float32Array, rows: number, k: number, columns: number): number[][] {
  return Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (_, j) => {
      let sum = 0;
      for (let c = 0; c < k; c++) sum += (left[i * k + c] ?? 0) * (right[c * columns + j] ?? 0);
      return sum;
    }),
  );
}

/** Singular values by one-sided Jacobi rotations of the columns: slow, simple and accurate. */
function jacobiSingularValues(matrix: number[][]): number[] {
  const columns = matrix[0]?.length ?? 0;
  const a = Array.from({ length: columns }, (_, j) => matrix.map((row) => row[j] ?? 0));
  const dot = (x: number[], y: number[]): number => x.reduce((sum, value, i) => sum + value * (y[i] ?? 0), 0);
  for (let sweep = 0; sweep < 60; sweep++) {
    let rotated = false;
    for (let p = 0; p < columns; p++) {
      for (let q = p + 1; q < columns; q++) {
        const x = a[p] ?? [];
        const y = a[q] ?? [];
        const gamma = dot(x, y);
        const alpha = dot(x, x);
        const beta = dot(y, y);
        if (Math.abs(gamma) <= 1e-15 * Math.sqrt(alpha * beta) || gamma === 0) continue;
        rotated = true;
        const zeta = (beta - alpha) / (2 * gamma);
        const t = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.hypot(1, zeta));
        const c = 1 / Math.hypot(1, t);
        a[p] = x.map((value, i) => c * value - c * t * (y[i] ?? 0));
        a[q] = y.map((value, i) => c * t * (x[i] ?? 0) + c * value);
      }
    }
    if (!rotated) break;
  }
  return a.map((column) => Math.sqrt(dot(column, column))).sort((x, y) => y - x);
}

function gaussian(rng: Rng, length: number): Float32Array {
  return Float32Array.from({ length }, () => rng.normal());
}

describe('productSingularValues', () => {
  it('are those of the product, for any factors', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e6 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 7 }),
        (seed, rows, columns, k) => {
          const rng = new Rng(seed);
          const left = gaussian(rng, rows * k);
          const right = gaussian(rng, k * columns);
          const expected = jacobiSingularValues(product(left, right, rows, k, columns));
          const actual = productSingularValues(left, right, k);
          const scale = expected[0] ?? 1;
          for (let i = 0; i < Math.max(k, expected.length); i++) {
            expect(Math.abs((actual[i] ?? 0) - (expected[i] ?? 0))).toBeLessThan(1e-6 * scale + 1e-12);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('has as many values that are not zero as the factors have independent directions', () => {
    const rng = new Rng(1);
    const left = gaussian(rng, 10 * 4);
    // The fourth column repeats the first.
    for (let row = 0; row < 10; row++) left[row * 4 + 3] = left[row * 4] ?? 0;
    const values = productSingularValues(left, gaussian(rng, 4 * 9), 4);
    expect(values[3]).toBeLessThan(1e-6 * (values[0] ?? 0));
    expect(values[2]).toBeGreaterThan(0.01);
  });

  it('handles ranks in the hundreds', () => {
    const rng = new Rng(2);
    const left = gaussian(rng, 300 * 200);
    const right = gaussian(rng, 200 * 250);
    const norm = product(left, right, 300, 200, 250)
      .flat()
      .reduce((sum, value) => sum + value * value, 0);
    const squares = productSingularValues(left, right, 200).reduce((sum, s) => sum + s * s, 0);
    expect(squares / norm).toBeCloseTo(1, 9);
  });
});

describe('effectiveRank', () => {
  it('counts equal directions, and is between 1 and n otherwise', () => {
    expect(effectiveRank(Float64Array.of(3, 3, 3, 0))).toBeCloseTo(3, 12);
    expect(effectiveRank(Float64Array.of(5, 0))).toBe(1);
    expect(effectiveRank(Float64Array.of(0, 0))).toBe(0);
    const between = effectiveRank(Float64Array.of(4, 1));
    expect(between).toBeGreaterThan(1);
    expect(between).toBeLessThan(2);
  });
});
