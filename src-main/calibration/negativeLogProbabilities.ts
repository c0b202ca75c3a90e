/**
 * Σ −log p(label) over rows of logits, in float64.
 * @param logits row-major [labels, vocabulary]
 */
export function negativeLogProbabilities(logits: Float32Array, labels: readonly number[], vocabulary: number): number {
  return labels.reduce((total, label, row) => {
    const own = logits.subarray(row * vocabulary, (row + 1) * vocabulary);
    const largest = own.reduce((a, b) => Math.max(a, b), -Infinity);
    let sum = 0;
    for (const logit of own) sum += Math.exp(logit - largest);
    return total + largest + Math.log(sum) - (own[label] ?? NaN);
  }, 0);
}
