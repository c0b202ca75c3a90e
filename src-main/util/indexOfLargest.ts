/** Index of the first of the largest values; 0 for none. */
export function indexOfLargest(values: Float32Array): number {
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
