import type { ThreadRate } from '../contract/speed.ts';

/** A number of threads whose rate is this near to the best counts as equally fast. */
const tolerance = 0.05;

/**
 * Numbers of threads worth trying, ascending: one, half of the cores, the physical ones, all.
 * @param physical undefined where the system does not tell
 */
export function candidateThreads(cores: number, physical: number | undefined): number[] {
  const wanted = [1, Math.floor(cores / 2), physical ?? cores, cores];
  return [...new Set(wanted.map((threads) => Math.min(cores, Math.max(1, threads))))].sort((a, b) => a - b);
}

/** The fewest threads that are as fast as the fastest: the others would only take cores from other work. */
export function fewestOfTheFastest(rates: readonly ThreadRate[]): number {
  const best = Math.max(...rates.map(({ flopsPerSecond }) => flopsPerSecond));
  const fast = rates.filter(({ flopsPerSecond }) => flopsPerSecond >= (1 - tolerance) * best);
  return Math.min(...fast.map(({ threads }) => threads));
}
