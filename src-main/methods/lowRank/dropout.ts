import type { Kernels } from '../../tensor/kernels.ts';
import type { TensorId } from '../../tensor/tensorId.ts';

/**
 * The factors of inverted dropout: 0 with probability `rate`, else 1 / (1 − rate). A function of its arguments alone,
 * so that the backward pass and a resumed run draw the same.
 * @param seed of the micro-batch; `index` of the linear map
 */
export function dropoutMask(
  k: Kernels,
  shape: readonly number[],
  rate: number,
  seed: readonly [number, number],
  index: number,
): TensorId {
  const uniform = k.randomUniform(shape, [seed[0], seed[1] ^ Math.imul(index + 1, 0x9e3779b1)]);
  const kept = k.greaterEqual(k.take(uniform), k.constant(rate));
  return k.scale(k.take(kept), 1 / (1 - rate));
}
