import { afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { openBackend } from '../../src-main/tensor/backend.ts';
import type { Kernels } from '../../src-main/tensor/kernels.ts';
import type { TensorId } from '../../src-main/tensor/tensorId.ts';
import { Rng } from '../../src-main/util/rng.ts';

export const noSignal = new AbortController().signal;

/** The kernels of this process, for a file of tests each of which must free every tensor it makes. */
export function kernelsWithoutLeaks(): () => Kernels {
  let kernels: Kernels;
  let before = 0;
  beforeAll(async () => {
    ({ kernels } = await openBackend());
  });
  beforeEach(() => {
    before = kernels.live;
  });
  afterEach(() => {
    expect(kernels.live, 'tensors alive after the test').toBe(before);
  });
  return () => kernels;
}

/** Normal values, the same for the same seed. */
export function randomValues(count: number, seed: number, deviation = 1): Float32Array {
  const rng = new Rng(seed);
  return Float32Array.from({ length: count }, () => rng.normal() * deviation);
}

export function randomTensor(k: Kernels, shape: readonly number[], seed: number, deviation = 1): TensorId {
  return k.upload(
    randomValues(
      shape.reduce((product, size) => product * size, 1),
      seed,
      deviation,
    ),
    shape,
  );
}

/** The values of a tensor, which is freed. */
export function valuesOf(k: Kernels, tensor: TensorId): Float32Array {
  const values = k.download(tensor);
  k.free(tensor);
  return values;
}

/** Largest |a − b|; NaN when a value is missing or not a number. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return NaN;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs((a[i] ?? NaN) - (b[i] ?? NaN));
    if (!(difference <= largest)) largest = difference;
    if (Number.isNaN(difference)) return NaN;
  }
  return largest;
}
