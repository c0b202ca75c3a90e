import { expect, test } from 'vitest';
import { productSvd } from '../../../src-main/svd/productSvd.ts';
import { singularValues } from '../../../src-main/svd/singularValues.ts';
import type { Kernels } from '../../../src-main/tensor/kernels.ts';
import type { TensorId } from '../../../src-main/tensor/tensorId.ts';
import { kernelsWithoutLeaks, largestDifference, randomTensor, valuesOf } from '../../support/tensorBackend.ts';

const kernels = kernelsWithoutLeaks();

/** U diag(S) Vᵀ */
function joined(k: Kernels, { U, S, Vt }: ReturnType<typeof productSvd>, shape: readonly [number, number]): TensorId {
  const p = S.length;
  const left = k.upload(
    U.map((value, i) => value * (S[i % p] ?? 0)),
    [shape[0], p],
  );
  return k.matMul(k.take(left), k.take(k.upload(Vt.slice(), [p, shape[1]])));
}

// Wide, tall, and an inner dimension larger than the matrix (PiSSA's doubled ranks).
test.each([
  [40, 5, 90],
  [90, 7, 40],
  [6, 12, 30],
] as const)('a product of [%i, %i] and [%i] is taken apart and put together again', (out, rank, into) => {
  const k = kernels();
  const [left, right] = [randomTensor(k, [out, rank], 1), randomTensor(k, [rank, into], 2)];
  const svd = productSvd(k, left, right);
  expect(svd.S).toHaveLength(Math.min(out, rank, into));
  const product = k.matMul(k.take(left), k.take(right));
  const whole = singularValues(k, product, [out, into]);
  expect(largestDifference(svd.S, whole.slice(0, svd.S.length)) / (svd.S[0] ?? NaN)).toBeLessThan(1e-6);
  const again = joined(k, svd, [out, into]);
  const error = largestDifference(valuesOf(k, again), valuesOf(k, product));
  expect(error / (svd.S[0] ?? NaN)).toBeLessThan(1e-6);
});

test('what is stored at a higher rank than it has shows its own rank', () => {
  // Bug: squaring into Gram matrices leaves values of 1e-4 where there is nothing.
  const k = kernels();
  const [B, mixing] = [randomTensor(k, [50, 3], 1), randomTensor(k, [3, 8], 2)];
  const left = k.matMul(k.take(B), k.take(mixing)); // rank 3, stored at 8
  const right = randomTensor(k, [8, 60], 3);
  const { S } = productSvd(k, left, right);
  k.free(left, right);
  expect(S.filter((s) => s > 0)).toHaveLength(3);
});

test('a product of zeros has no singular value but 0', () => {
  const k = kernels();
  const [left, right] = [k.fill([5, 2], 0), randomTensor(k, [2, 7], 1)];
  const { S, U, Vt } = productSvd(k, left, right);
  k.free(left, right);
  expect([...S]).toEqual([0, 0]);
  expect([...U, ...Vt].every(Number.isFinite)).toBe(true);
});
