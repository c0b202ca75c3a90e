/** Whether a new measurement is worse than the kept one. Pure. */
import type { Comparison, RowResult } from './results.ts';
import { ratioText, short } from './text.ts';

/** Of values that hardly vary from run to run (memory), differences below this share are none. */
const smallestShare = 0.03;

export interface Regression {
  readonly row: string;
  readonly name: string;
  readonly text: string;
}

/**
 * Comparisons of a new result that are worse than the kept result by more than the spread of both: the best pair of
 * the new rounds is worse than the worst pair of the kept ones. What has no peer is judged by its own values.
 */
export function regressionsOf(kept: Pick<RowResult, 'comparisons'>, fresh: RowResult): Regression[] {
  return fresh.comparisons.flatMap((now) => {
    const before = kept.comparisons.find(({ name }) => name === now.name);
    if (before === undefined || !isWorse(before, now)) return [];
    const [was, is] = [rangeOf(before), rangeOf(now)];
    const show = now.ratio === undefined ? (value: number) => `${short(value)} ${now.unit}` : ratioText;
    const text = `${show(was.low)} to ${show(was.high)} kept, ${show(is.low)} to ${show(is.high)} now`;
    return [{ row: fresh.row, name: now.name, text }];
  });
}

function isWorse(before: Comparison, now: Comparison): boolean {
  const [was, is] = [rangeOf(before), rangeOf(now)];
  return now.kind === 'rate'
    ? is.high < was.low - smallestShare * Math.abs(was.low)
    : is.low > was.high + smallestShare * Math.abs(was.high);
}

function rangeOf({ ratio, ours }: Comparison): { readonly low: number; readonly high: number } {
  return ratio ?? { low: ours.minimum, high: ours.maximum };
}
