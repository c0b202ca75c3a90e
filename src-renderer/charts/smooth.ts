/** Smoothing of a series for drawing. Pure. */

/**
 * Exponential moving average with the bias of its zero start removed (as Adam does), so that the first values are not
 * pulled to zero: e_t = w e_{t-1} + (1 - w) x_t, y_t = e_t / (1 - wᵗ).
 * Values that are not finite leave the average as it is and give NaN, a gap.
 * @param weight w, 0 (no smoothing) … below 1
 */
export function smoothed(values: ArrayLike<number>, length: number, weight: number): Float64Array {
  const result = new Float64Array(length);
  let average = 0;
  let bias = 1;
  for (let i = 0; i < length; i++) {
    const v = values[i] ?? NaN;
    if (!Number.isFinite(v)) {
      result[i] = NaN;
      continue;
    }
    average = weight * average + (1 - weight) * v;
    bias *= weight;
    result[i] = average / (1 - bias);
  }
  return result;
}
