/** Largest |a − b|; NaN when a value is missing or not a number. */
export function largest(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return NaN;
  return a.reduce((most, value, i) => {
    const difference = Math.abs(value - (b[i] ?? NaN));
    return difference > most || Number.isNaN(difference) ? difference : most;
  }, 0);
}

/** Softmax of each row. */
export function probabilities(logits: Float32Array, vocabulary: number): Float32Array {
  const result = new Float32Array(logits.length);
  for (let start = 0; start < logits.length; start += vocabulary) {
    const row = logits.subarray(start, start + vocabulary);
    const top = row.reduce((a, b) => Math.max(a, b), -Infinity);
    const sum = row.reduce((total, value) => total + Math.exp(value - top), 0);
    row.forEach((value, i) => (result[start + i] = Math.exp(value - top) / sum));
  }
  return result;
}
