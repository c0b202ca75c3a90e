import { indexOfLargest } from '../util/indexOfLargest.ts';

/** How far apart two models’ next-token distributions are, position by position. Natural logarithms. */
export interface LogitComparison {
  /** Largest |Δlogit| over all positions and the whole vocabulary. */
  readonly maxAbsLogitDiff: number;
  /** Mean over positions of KL(reference ‖ other), in nats. */
  readonly kl: number;
  /** Share of positions at which both models’ most probable token is the same. */
  readonly topOneAgreement: number;
  readonly positions: number;
}

/**
 * Compares logits [positions, vocabulary], row-major.
 * KL(p ‖ q) = Σ p_i (log p_i − log q_i), in float64; a difference below rounding counts as 0.
 */
export function compareLogits(reference: Float32Array, other: Float32Array, vocabulary: number): LogitComparison {
  if (reference.length !== other.length || reference.length % vocabulary !== 0) {
    throw new RangeError(`Logits of ${reference.length} and ${other.length} values cannot be compared.`);
  }
  const positions = reference.length / vocabulary;
  let maxAbsLogitDiff = 0;
  let kl = 0;
  let agreed = 0;
  for (let position = 0; position < positions; position++) {
    const p = reference.subarray(position * vocabulary, (position + 1) * vocabulary);
    const q = other.subarray(position * vocabulary, (position + 1) * vocabulary);
    const [bestP, bestQ] = [indexOfLargest(p), indexOfLargest(q)];
    const [largestP, largestQ] = [p[bestP] ?? 0, q[bestQ] ?? 0];
    let [sumP, sumQ, weighted] = [0, 0, 0];
    for (let i = 0; i < vocabulary; i++) {
      const a = p[i] ?? 0;
      const b = q[i] ?? 0;
      const difference = Math.abs(a - b);
      // NaN on either side must end up in the result: `>` alone would drop it.
      if (difference > maxAbsLogitDiff || Number.isNaN(difference)) maxAbsLogitDiff = difference;
      const share = Math.exp(a - largestP);
      sumP += share;
      weighted += share * (a - largestP - (b - largestQ));
      sumQ += Math.exp(b - largestQ);
    }
    const divergence = weighted / sumP - Math.log(sumP) + Math.log(sumQ);
    kl += Math.max(divergence, 0);
    if (bestP === bestQ) agreed += 1;
  }
  return { maxAbsLogitDiff, kl: kl / positions, topOneAgreement: agreed / positions, positions };
}
