import type { Rng } from '../util/rng.ts';

/**
 * The next token of a sequence.
 * @param logits [vocabulary]
 * @param temperature 0 takes the most probable token (the lowest id among equals); otherwise a token is drawn from
 * softmax(logits / temperature)
 */
export function sampleToken(logits: Float32Array, temperature: number, rng: Rng): number {
  const best = argmax(logits);
  if (temperature === 0) return best;
  const largest = logits[best] ?? 0;
  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - largest) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let left = rng.next() * total;
  for (let id = 0; id < weights.length; id++) {
    left -= weights[id] ?? 0;
    if (left < 0) return id;
  }
  return best;
}

function argmax(values: Float32Array): number {
  let best = 0;
  let largest = values[0] ?? -Infinity;
  for (let i = 1; i < values.length; i++) {
    const value = values[i] ?? -Infinity;
    if (value > largest) {
      best = i;
      largest = value;
    }
  }
  return best;
}
