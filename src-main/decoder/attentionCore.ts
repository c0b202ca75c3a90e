import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';

/** Sizes of one attention: the query heads of each key-value head lie one after the other. */
export interface AttentionShape {
  readonly count: number;
  readonly queries: number;
  readonly keys: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
}

/**
 * softmax(q kᵀ + mask) v. q carries the scale already. Several query heads that share a key-value head are handled as
 * more queries of it, so that keys and values are never copied.
 * @param q [count, heads, queries, headDim]; key and value [count, kvHeads, keys, headDim]
 * @param mask broadcast over [count, kvHeads, heads / kvHeads, queries, keys]; 0 where visible, −1e9 where not
 * @returns output like q; probabilities [count, kvHeads, heads / kvHeads · queries, keys]
 */
export function attend(
  k: Kernels,
  shape: AttentionShape,
  q: TensorId,
  key: TensorId,
  value: TensorId,
  mask: TensorId,
  softcap: number | undefined,
): { readonly output: TensorId; readonly probabilities: TensorId } {
  const { count, queries, keys, heads, kvHeads, headDim } = shape;
  const shared = heads / kvHeads;
  const folded = k.reshape(q, [count, kvHeads, shared * queries, headDim]);
  const raw = k.batchMatMul(k.take(folded), key, false, true);
  const scores = softcap === undefined ? raw : k.scale(k.take(capped(k, k.take(raw), softcap)), softcap);
  const apart = k.reshape(k.take(scores), [count, kvHeads, shared, queries, keys]);
  const masked = k.add(k.take(apart), mask);
  const soft = k.softmax(k.take(masked));
  const probabilities = k.reshape(k.take(soft), [count, kvHeads, shared * queries, keys]);
  const mixed = k.batchMatMul(probabilities, value);
  return { output: k.reshape(k.take(mixed), [count, heads, queries, headDim]), probabilities };
}

/**
 * @param gradient of the output, [count, heads, queries, headDim]
 * @returns gradients of q, key and value
 */
export function attendBackward(
  k: Kernels,
  shape: AttentionShape,
  gradient: TensorId,
  q: TensorId,
  key: TensorId,
  value: TensorId,
  probabilities: TensorId,
  softcap: number | undefined,
): { readonly q: TensorId; readonly key: TensorId; readonly value: TensorId } {
  const { count, queries, heads, kvHeads, headDim } = shape;
  const foldedShape = [count, kvHeads, (heads / kvHeads) * queries, headDim];
  const g = k.reshape(gradient, foldedShape);
  const folded = k.reshape(q, foldedShape);
  const dValue = k.batchMatMul(probabilities, g, true);
  const dProbabilities = k.batchMatMul(k.take(g), value, false, true);
  // Softmax: ds = p ⊙ (dp − Σ dp ⊙ p)
  const total = k.sum(k.take(k.mul(dProbabilities, probabilities)), [-1], true);
  const dSoft = k.mul(k.take(k.sub(k.take(dProbabilities), k.take(total))), probabilities);
  const dScores = softcap === undefined ? dSoft : k.mul(k.take(dSoft), k.take(capSlope(k, folded, key, softcap)));
  const dFolded = k.batchMatMul(dScores, key);
  const dKey = k.batchMatMul(k.take(dScores), k.take(folded), true);
  return { q: k.reshape(k.take(dFolded), [count, heads, queries, headDim]), key: dKey, value: dValue };
}

/** tanh(s / cap) */
function capped(k: Kernels, scores: TensorId, cap: number): TensorId {
  return k.tanh(k.take(k.scale(scores, 1 / cap)));
}

/** d/ds of cap · tanh(s / cap) = 1 − tanh²(s / cap) */
function capSlope(k: Kernels, folded: TensorId, key: TensorId, cap: number): TensorId {
  const tanh = capped(k, k.take(k.batchMatMul(folded, key, false, true)), cap);
  return k.oneMinus(k.take(k.square(k.take(tanh))));
}
