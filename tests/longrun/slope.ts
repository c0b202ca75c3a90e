/** A straight line through points, with the uncertainty of its slope. */
export interface Slope {
  readonly perHour: number;
  /** Half of the 95 % interval of the slope. */
  readonly plusMinus: number;
}

/**
 * Least squares over (hours, value). Neighbouring samples are alike, so the interval takes their correlation at lag 1
 * into account (effective sample size, Bayley & Hammersley 1946).
 */
export function slopeOf(hours: readonly number[], values: readonly number[]): Slope {
  const n = values.length;
  const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / n;
  const [meanHours, meanValue] = [mean(hours), mean(values)];
  const spread = hours.reduce((sum, hour) => sum + (hour - meanHours) ** 2, 0);
  const perHour = hours.reduce((sum, hour, i) => sum + (hour - meanHours) * ((values[i] ?? 0) - meanValue), 0) / spread;
  const rest = values.map((value, i) => value - meanValue - perHour * ((hours[i] ?? 0) - meanHours));
  const square = rest.reduce((sum, value) => sum + value * value, 0);
  const beside = rest.slice(1).reduce((sum, value, i) => sum + value * (rest[i] ?? 0), 0);
  const correlation = square === 0 ? 0 : Math.min(0.98, Math.max(0, beside / square));
  const effective = Math.max(3, (n * (1 - correlation)) / (1 + correlation));
  const deviation = Math.sqrt(square / (effective - 2) / (spread * (effective / n)));
  return { perHour, plusMinus: 1.96 * deviation };
}
