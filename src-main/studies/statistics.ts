/** Statistics of small samples: mean and spread, correlations and their intervals. Pure. */
import type { Correlation } from '../contract/studies.ts';
import { Rng } from '../util/rng.ts';

/** Arithmetic mean; NaN of nothing. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Sample standard deviation, divided by n − 1; undefined for fewer than two values. */
export function deviation(values: readonly number[]): number | undefined {
  if (values.length < 2) return undefined;
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
}

/** Ranks from 1; equal values share the mean of their ranks. */
export function ranksOf(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const ranks = new Array<number>(values.length).fill(0);
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to + 1 < order.length && values[order[to + 1] ?? 0] === values[order[from] ?? 0]) to += 1;
    for (let i = from; i <= to; i += 1) ranks[order[i] ?? 0] = (from + to) / 2 + 1;
    from = to + 1;
  }
  return ranks;
}

/** Pearson's r of two series of one length; NaN where one does not vary. */
export function pearson(x: readonly number[], y: readonly number[]): number {
  const centreX = mean(x);
  const centreY = mean(y);
  let xx = 0;
  let yy = 0;
  let xy = 0;
  x.forEach((value, i) => {
    const dx = value - centreX;
    const dy = (y[i] ?? NaN) - centreY;
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  });
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : NaN;
}

/** Spearman's ρ: Pearson's r of the ranks. */
export function spearman(x: readonly number[], y: readonly number[]): number {
  return pearson(ranksOf(x), ranksOf(y));
}

/** Kendall's τ_b, which takes ties into account; NaN where one does not vary. */
export function kendall(x: readonly number[], y: readonly number[]): number {
  let score = 0;
  let untiedX = 0;
  let untiedY = 0;
  for (let i = 0; i < x.length; i += 1) {
    for (let j = 0; j < i; j += 1) {
      const dx = Math.sign((x[i] ?? 0) - (x[j] ?? 0));
      const dy = Math.sign((y[i] ?? 0) - (y[j] ?? 0));
      score += dx * dy;
      untiedX += Math.abs(dx);
      untiedY += Math.abs(dy);
    }
  }
  return untiedX > 0 && untiedY > 0 ? score / Math.sqrt(untiedX * untiedY) : NaN;
}

/** 97.5 % quantile of the normal distribution. */
const normalQuantile = 1.959963984540054;

/** 95 % interval of Pearson's r by Fisher's z: tanh(atanh r ± 1.96 / √(n − 3)); n > 3. */
export function fisherInterval(r: number, n: number): Correlation {
  if (Math.abs(r) >= 1) return { value: r, low: r, high: r };
  const half = normalQuantile / Math.sqrt(n - 3);
  return { value: r, low: Math.tanh(Math.atanh(r) - half), high: Math.tanh(Math.atanh(r) + half) };
}

const draws = 2_000;

/**
 * 95 % percentile-bootstrap interval of a correlation: the pairs are drawn anew with replacement, with a fixed seed.
 * Draws in which one series does not vary are left out.
 */
export function bootstrapInterval(
  x: readonly number[],
  y: readonly number[],
  correlation: (x: readonly number[], y: readonly number[]) => number,
): Correlation {
  const rng = new Rng(0).fork('bootstrap');
  const values: number[] = [];
  for (let draw = 0; draw < draws; draw += 1) {
    const chosen = x.map(() => rng.integer(x.length));
    const value = correlation(
      chosen.map((i) => x[i] ?? NaN),
      chosen.map((i) => y[i] ?? NaN),
    );
    if (Number.isFinite(value)) values.push(value);
  }
  values.sort((a, b) => a - b);
  return { value: correlation(x, y), low: quantile(values, 0.025), high: quantile(values, 0.975) };
}

/** Quantile of ascending values, linear between neighbours. */
function quantile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? NaN;
  const above = sorted[Math.ceil(place)] ?? NaN;
  return below + (above - below) * (place - Math.floor(place));
}
