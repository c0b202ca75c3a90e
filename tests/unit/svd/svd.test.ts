import { beforeAll, describe, expect, test } from 'vitest';
import { singularValues, singularValuesOfStack } from '../../../src-main/svd/singularValues.ts';
import { truncatedSvd, type TruncatedSvd } from '../../../src-main/svd/truncatedSvd.ts';
import { openBackend } from '../../../src-main/tensor/backend.ts';
import type { Kernels } from '../../../src-main/tensor/kernels.ts';
import { boolAttribute, typeAttribute } from '../../../src-main/tensor/opAttributes.ts';
import { Rng } from '../../../src-main/util/rng.ts';
import { matrixWithSpectrum } from '../../support/matrixWithSpectrum.ts';

let k: Kernels;
beforeAll(async () => {
  k = (await openBackend()).kernels;
});

function gaussian(rows: number, columns: number, seed: number): Float32Array {
  const rng = new Rng(seed);
  return Float32Array.from({ length: rows * columns }, () => rng.normal());
}

function valuesOf(data: Float32Array, shape: readonly [number, number]): Float32Array {
  const matrix = k.upload(data, shape);
  const values = singularValues(k, matrix, shape);
  k.free(matrix);
  return values;
}

function maxDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Math.max(...Array.from(a, (x, i) => Math.abs(x - (b[i] ?? NaN))));
}

describe('singular values', () => {
  const spectrum = [9, 4, 4, 1, 0.5, 1e-2, 1e-3, 1e-4];

  test('known spectra come back to 1e-7 of the largest, tall, wide and square', () => {
    const live = k.live;
    for (const shape of [
      [40, 8],
      [8, 40],
      [8, 8],
    ] as const) {
      expect(maxDifference(valuesOf(matrixWithSpectrum(shape, spectrum, 5), shape), spectrum)).toBeLessThan(9e-7);
    }
    expect(k.live).toBe(live);
  });

  test('no float32 overflow or underflow where squares leave the range of float32', () => {
    for (const scale of [1e-25, 1e25]) {
      const values = valuesOf(
        matrixWithSpectrum([12, 8], spectrum, 2).map((x) => x * scale),
        [12, 8],
      );
      expect(
        maxDifference(
          values,
          spectrum.map((s) => s * scale),
        ) /
          (9 * scale),
      ).toBeLessThan(2e-7);
    }
  });

  test('nearer to the truth than the float32 SVD kernel', () => {
    // The reason why the kernel is not used: with its error k could differ from the reference at a threshold.
    const shape = [96, 160] as const;
    const matrix = k.upload(gaussian(...shape, 3), shape);
    const truth = truncatedValues(matrix, shape);
    const [kernel] = k.execute(
      'Svd',
      [boolAttribute('compute_uv', false), boolAttribute('full_matrices', false), typeAttribute('T', 1)],
      [matrix],
      3,
    );
    const ours = maxDifference(singularValues(k, matrix, shape), truth);
    if (kernel === undefined) throw new Error('no result');
    expect(ours).toBeLessThan(maxDifference(k.download(kernel), truth));
    expect(ours / (truth[0] ?? 1)).toBeLessThan(1e-7);
    k.free(matrix);
  });

  test('a Gram matrix made of blocks gives what the SVD kernel gives in float64', () => {
    // Large enough for blocks, of unequal widths; tall and wide.
    for (const shape of [
      [402, 386],
      [386, 402],
    ] as const) {
      const matrix = k.upload(gaussian(shape[0], shape[1], 7), shape);
      const live = k.live;
      const truth = truncatedValues(matrix, shape);
      const found = singularValues(k, matrix, shape);
      expect(maxDifference(found, truth) / (truth[0] ?? 1)).toBeLessThan(1e-7);
      expect(k.live - live).toBeLessThanOrEqual(5);
      k.free(matrix);
    }
  });

  test('a stack gives what its matrices give one by one', () => {
    const matrices = [gaussian(6, 9, 1), gaussian(6, 9, 2), new Float32Array(54)];
    const stack = k.upload(Float32Array.from(matrices.flatMap((matrix) => [...matrix])), [3, 6, 9]);
    const live = k.live;
    const together = singularValuesOfStack(k, stack, [3, 6, 9]);
    expect(k.live).toBe(live);
    matrices.forEach((matrix, i) => {
      expect(maxDifference(together[i] ?? [], valuesOf(matrix, [6, 9]))).toBeLessThan(1e-6);
    });
    k.free(stack);
  });
});

/** Singular values by the float64 SVD kernel (a rank-deficient last value sends truncatedSvd there). */
function truncatedValues(matrix: number, shape: readonly [number, number]): Float32Array {
  const cast = (tensor: number, from: number, to: number): number => {
    const attributes = [typeAttribute('SrcT', from), typeAttribute('DstT', to), boolAttribute('Truncate', false)];
    const [result] = k.execute('Cast', attributes, [tensor as never], 1);
    return result ?? 0;
  };
  const [S] = k.execute(
    'Svd',
    [boolAttribute('compute_uv', false), boolAttribute('full_matrices', false), typeAttribute('T', 2)],
    [cast(matrix, 1, 2) as never],
    3,
  );
  const values = k.download(cast(S ?? 0, 2, 1) as never);
  expect(values).toHaveLength(Math.min(...shape));
  return values;
}

describe('truncated SVD', () => {
  function check(
    { U, S, Vt }: TruncatedSvd,
    [out, into]: readonly [number, number],
    rank: number,
    expected: readonly number[],
  ): void {
    expect([U.length, S.length, Vt.length]).toEqual([out * rank, rank, rank * into]);
    expect(maxDifference(S, expected.slice(0, rank))).toBeLessThan(1e-5);
    for (let a = 0; a < rank; a += 1) {
      for (let b = 0; b <= a; b += 1) {
        let left = 0;
        let right = 0;
        for (let i = 0; i < out; i += 1) left += (U[i * rank + a] ?? 0) * (U[i * rank + b] ?? 0);
        for (let i = 0; i < into; i += 1) right += (Vt[a * into + i] ?? 0) * (Vt[b * into + i] ?? 0);
        expect(Math.abs(left - (a === b ? 1 : 0))).toBeLessThan(2e-6);
        expect(Math.abs(right - (a === b ? 1 : 0))).toBeLessThan(2e-6);
      }
    }
  }

  /** ‖W − U S Vᵀ‖_max */
  function residual(W: Float32Array, { U, S, Vt }: TruncatedSvd, into: number): number {
    const rank = S.length;
    return Math.max(
      ...W.map((w, at) => {
        const i = Math.floor(at / into);
        const j = at % into;
        let sum = 0;
        for (let c = 0; c < rank; c += 1) sum += (U[i * rank + c] ?? 0) * (S[c] ?? 0) * (Vt[c * into + j] ?? 0);
        return Math.abs(w - sum);
      }),
    );
  }

  const spectrum = [5, 3, 2, 1, 0.25];
  for (const shape of [
    [20, 7],
    [7, 20],
    [9, 9],
  ] as const) {
    test(`${shape.join(' × ')}: orthonormal vectors, the values known, and the matrix back when nothing is cut`, () => {
      const data = matrixWithSpectrum(shape, spectrum, 11);
      const W = k.upload(data, shape);
      const live = k.live;
      for (const rank of [1, 3, 5]) check(truncatedSvd(k, W, shape, rank), shape, rank, spectrum);
      expect(residual(data, truncatedSvd(k, W, shape, 5), shape[1])).toBeLessThan(2e-6);
      // Beyond the rank of the matrix the values are zero; the vectors must still be orthonormal.
      check(truncatedSvd(k, W, shape, 7), shape, 7, [...spectrum, 0, 0]);
      expect(k.live).toBe(live);
      k.free(W);
    });
  }

  test('the largest entry of each left vector is positive', () => {
    const W = k.upload(gaussian(12, 8, 4), [12, 8]);
    const { U } = truncatedSvd(k, W, [12, 8], 8);
    for (let j = 0; j < 8; j += 1) {
      const column = Array.from({ length: 12 }, (_, i) => U[i * 8 + j] ?? 0);
      expect(Math.max(...column)).toBe(Math.max(...column.map(Math.abs)));
    }
    k.free(W);
  });
});
