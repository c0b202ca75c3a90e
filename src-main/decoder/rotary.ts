/**
 * Rotary positions on rows of heads (Su et al. 2021), in the half-split layout of Hugging Face: dimension i is paired
 * with i + d/2. With s = (−sin, +sin):  y = x ⊙ cos + swap(x) ⊙ s;  dx = g ⊙ cos + swap(g ⊙ s), where swap exchanges the
 * two halves.
 */
import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import type { RotaryRows } from './rotaryTables.ts';

/** Sizes of the rows that are turned. */
export interface RotaryShape {
  readonly heads: number;
  readonly headDim: number;
  /** Rotated ones, the first of each head; the others pass. */
  readonly dimensions: number;
}

/** @param x [N, heads, headDim] */
export function rotate(k: Kernels, x: TensorId, rows: RotaryRows, shape: RotaryShape): TensorId {
  return onFirst(k, x, shape, (part) => {
    const turned = k.mul(k.take(swapHalves(k, part, shape)), rows.sin);
    return k.add(k.take(k.mul(part, rows.cos)), k.take(turned));
  });
}

/** The gradient of x from that of the rotated. */
export function rotateBack(k: Kernels, g: TensorId, rows: RotaryRows, shape: RotaryShape): TensorId {
  return onFirst(k, g, shape, (part) => {
    const turned = swapHalves(k, k.take(k.mul(part, rows.sin)), shape);
    return k.add(k.take(k.mul(part, rows.cos)), k.take(turned));
  });
}

/** @param x [N, heads, dimensions] */
function swapHalves(k: Kernels, x: TensorId, { heads, dimensions }: RotaryShape): TensorId {
  // Reversing an axis of two is several times as fast as the op that rolls.
  const halves = k.reshape(x, [-1, 2, dimensions / 2]);
  const swapped = k.reverse(k.take(halves), 1);
  return k.reshape(k.take(swapped), [-1, heads, dimensions]);
}

function onFirst(
  k: Kernels,
  x: TensorId,
  { dimensions, headDim }: RotaryShape,
  turn: (part: TensorId) => TensorId,
): TensorId {
  if (dimensions === headDim) return turn(x);
  const [part, rest] = k.split(x, [dimensions, headDim - dimensions], 2) as [TensorId, TensorId];
  const turned = turn(part);
  const joined = k.concat([turned, rest], 2);
  k.free(part, rest, turned);
  return joined;
}
