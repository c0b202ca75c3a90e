import { Rng } from '../../src-main/util/rng.ts';

/** Q diag(values) Rᵀ with orthonormal Q, R made by Gram–Schmidt in float64: its singular values are known. */
export function matrixWithSpectrum(
  [rows, columns]: readonly [number, number],
  values: ArrayLike<number>,
  seed: number,
): Float32Array {
  const Q = orthonormal(rows, values.length, seed);
  const R = orthonormal(columns, values.length, seed + 1);
  const sums = new Float64Array(rows * columns);
  Q.forEach((left, c) => {
    const right = R[c] ?? left;
    const s = values[c] ?? 0;
    for (let i = 0; i < rows; i += 1) {
      for (let j = 0; j < columns; j += 1) {
        const at = i * columns + j;
        sums[at] = (sums[at] ?? 0) + s * (left[i] ?? 0) * (right[j] ?? 0);
      }
    }
  });
  return Float32Array.from(sums);
}

function orthonormal(length: number, count: number, seed: number): Float64Array[] {
  const rng = new Rng(seed);
  const vectors: Float64Array[] = [];
  for (let c = 0; c < count; c += 1) {
    const v = Float64Array.from({ length }, () => rng.normal());
    for (let again = 0; again < 2; again += 1) {
      for (const u of vectors) {
        const dot = u.reduce((sum, x, i) => sum + x * (v[i] ?? 0), 0);
        u.forEach((x, i) => (v[i] = (v[i] ?? 0) - dot * x));
      }
    }
    const norm = Math.hypot(...v);
    vectors.push(v.map((x) => x / norm));
  }
  return vectors;
}
