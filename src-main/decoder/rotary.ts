/**
 * Rotary positions on rows of heads (Su et al. 2021), in the half-split layout of Hugging Face: dimension i is paired
 * with i + d/2. With s = (−sin, +sin):  y = x ⊙ cos + roll(x, d/2) ⊙ s;  dx = g ⊙ cos + roll(g ⊙ s, d/2).
 */
import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import type { RotaryRows } from './rotaryTables.ts';

/**
 * @param x [N, heads, headDim]
 * @param dimensions rotated ones, the first of each head; the others pass
 */
export function rotate(k: Kernels, x: TensorId, rows: RotaryRows, dimensions: number, headDim: number): TensorId {
  return onFirst(k, x, dimensions, headDim, (part) => {
    const turned = k.mul(k.take(k.roll(part, dimensions / 2, 2)), rows.sin);
    return k.add(k.take(k.mul(part, rows.cos)), k.take(turned));
  });
}

/** The gradient of x from that of the rotated. */
export function rotateBack(k: Kernels, g: TensorId, rows: RotaryRows, dimensions: number, headDim: number): TensorId {
  return onFirst(k, g, dimensions, headDim, (part) => {
    const turned = k.roll(k.take(k.mul(part, rows.sin)), dimensions / 2, 2);
    return k.add(k.take(k.mul(part, rows.cos)), k.take(turned));
  });
}

function onFirst(
  k: Kernels,
  x: TensorId,
  dimensions: number,
  headDim: number,
  turn: (part: TensorId) => TensorId,
): TensorId {
  if (dimensions === headDim) return turn(x);
  const [part, rest] = k.split(x, [dimensions, headDim - dimensions], 2) as [TensorId, TensorId];
  const turned = turn(part);
  const joined = k.concat([turned, rest], 2);
  k.free(part, rest, turned);
  return joined;
}
