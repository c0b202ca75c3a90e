import type { Rng } from '../util/rng.ts';
import { indexOfLargest } from '../util/indexOfLargest.ts';

/**
 * The next token of a sequence.
 * @param logits [vocabulary]
 * @param temperature 0 takes the most probable token (the lowest id among equals); otherwise a token is drawn from
 * softmax(logits / temperature)
 * @param topP draws only among the fewest tokens whose probabilities reach this share together (nucleus sampling,
 * Holtzman et al. 2020); 1 draws among all
 */
export function sampleToken(logits: Float32Array, temperature: number, rng: Rng, topP = 1): number {
  const best = indexOfLargest(logits);
  if (temperature === 0) return best;
  const largest = logits[best] ?? 0;
  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - largest) / temperature));
  if (topP < 1) keepNucleus(weights, topP);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let left = rng.next() * total;
  for (let id = 0; id < weights.length; id++) {
    left -= weights[id] ?? 0;
    if (left < 0) return id;
  }
  return best;
}

/** Sets the weights outside the nucleus to 0; the token that crosses the share belongs to it. */
function keepNucleus(weights: Float64Array, topP: number): void {
  const wanted = topP * weights.reduce((sum, weight) => sum + weight, 0);
  const order = Uint32Array.from(weights, (_, id) => id).sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0) || a - b);
  let sum = 0;
  for (const id of order) {
    if (sum >= wanted) weights[id] = 0;
    else sum += weights[id] ?? 0;
  }
}
