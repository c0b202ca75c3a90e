import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';

/** What a masked score gets added: its probability is exactly 0 in float32. */
export const hidden = -1e9;

/**
 * 0 where a query sees a key, {@link hidden} where not, [queries, keys]: it sees itself and those before it, at most
 * `window` in all.
 * @param ahead keys before the one of the first query
 */
export function causalMask(
  k: Kernels,
  queries: number,
  keys: number,
  ahead: number,
  window: number | undefined,
): TensorId {
  const below = window === undefined ? queries : window - 1 - ahead;
  // The op refuses a band wider than the matrix; −1 means all of it.
  const band = k.bandPart(k.take(k.fill([queries, keys], 1)), below >= queries ? -1 : below, ahead);
  return k.scale(k.take(k.oneMinus(k.take(band))), hidden);
}
