import type { Rng } from '../../util/rng.ts';

/** Kaiming-uniform with a = √5 for a map with `fanIn` inputs: uniform in ±1/√fanIn. */
export function kaimingUniform(rng: Rng, count: number, fanIn: number): Float32Array {
  const bound = 1 / Math.sqrt(fanIn);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = (2 * rng.next() - 1) * bound;
  return values;
}

/** Normal with mean 0. */
export function normal(rng: Rng, count: number, standardDeviation: number): Float32Array {
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = rng.normal() * standardDeviation;
  return values;
}
