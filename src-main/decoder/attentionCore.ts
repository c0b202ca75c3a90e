import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';

/**
 * Sizes of one attention. Several query heads that share a key-value head are handled as more queries of it, one head
 * after the other, so that keys and values are never copied.
 */
export interface AttentionShape {
  readonly count: number;
  readonly queries: number;
  readonly keys: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
}

/** Multiply-adds up to which starting worker threads takes longer than the product. */
const smallProduct = 2 ** 19;

/**
 * softmax(q kᵀ + mask) v. q carries the scale already.
 * @param q [count, kvHeads, heads / kvHeads · queries, headDim]; key and value [count, kvHeads, keys, headDim]
 * @param mask broadcast over [count, kvHeads, heads / kvHeads, queries, keys], over its first, second, third and last
 * dimension where there is one query; 0 where visible, −1e9 where not; undefined where all is visible
 * @returns output like q; probabilities [count, kvHeads, heads / kvHeads · queries, keys]
 */
export function attend(
  k: Kernels,
  shape: AttentionShape,
  q: TensorId,
  key: TensorId,
  value: TensorId,
  mask: TensorId | undefined,
  softcap: number | undefined,
): { readonly output: TensorId; readonly probabilities: TensorId } {
  const probabilities = attentionProbabilities(k, shape, q, key, mask, softcap);
  const output = isSmall(shape) ? k.smallBatchMatMul(probabilities, value) : k.batchMatMul(probabilities, value);
  return { output, probabilities };
}

/** softmax(q kᵀ + mask), [count, kvHeads, heads / kvHeads · queries, keys]; see {@link attend}. */
export function attentionProbabilities(
  k: Kernels,
  shape: AttentionShape,
  q: TensorId,
  key: TensorId,
  mask: TensorId | undefined,
  softcap: number | undefined,
): TensorId {
  const { count, queries, keys, heads, kvHeads } = shape;
  const shared = heads / kvHeads;
  const raw = isSmall(shape) ? k.smallBatchMatMul(q, key, true) : k.batchMatMul(q, key, false, true);
  const scores = softcap === undefined ? raw : k.scale(k.take(capped(k, k.take(raw), softcap)), softcap);
  const apart = queries === 1 ? scores : k.reshape(k.take(scores), [count, kvHeads, shared, queries, keys]);
  const seen = mask === undefined ? apart : k.add(k.take(apart), mask);
  const soft = k.softmax(k.take(seen));
  return queries === 1 ? soft : k.reshape(k.take(soft), [count, kvHeads, shared * queries, keys]);
}

/** Whether products of this size are run by the calling thread alone. */
export function isSmall({ count, heads, queries, keys, headDim }: Omit<AttentionShape, 'kvHeads'>): boolean {
  return count * heads * queries * keys * headDim <= smallProduct;
}

/** Gradients of q, key and value. @param gradient of the output, like q */
export function attendBackward(
  k: Kernels,
  gradient: TensorId,
  q: TensorId,
  key: TensorId,
  value: TensorId,
  probabilities: TensorId,
  softcap: number | undefined,
): { readonly q: TensorId; readonly key: TensorId; readonly value: TensorId } {
  const dValue = k.batchMatMul(probabilities, gradient, true);
  const dProbabilities = k.batchMatMul(gradient, value, false, true);
  // Softmax: ds = p ⊙ (dp − Σ dp ⊙ p)
  const total = k.sum(k.take(k.mul(dProbabilities, probabilities)), [-1], true);
  const dSoft = k.mul(k.take(k.sub(k.take(dProbabilities), k.take(total))), probabilities);
  const dScores = softcap === undefined ? dSoft : k.mul(k.take(dSoft), k.take(capSlope(k, q, key, softcap)));
  const dQuery = k.batchMatMul(dScores, key);
  const dKey = k.batchMatMul(k.take(dScores), q, true);
  return { q: dQuery, key: dKey, value: dValue };
}

/** tanh(s / cap) */
function capped(k: Kernels, scores: TensorId, cap: number): TensorId {
  return k.tanh(k.take(k.scale(scores, 1 / cap)));
}

/** d/ds of cap · tanh(s / cap) = 1 − tanh²(s / cap) */
function capSlope(k: Kernels, q: TensorId, key: TensorId, cap: number): TensorId {
  const tanh = capped(k, k.take(k.batchMatMul(q, key, false, true)), cap);
  return k.oneMinus(k.take(k.square(k.take(tanh))));
}
