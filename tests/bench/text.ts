/** How numbers of the bench are written. Pure. */
import type { Comparison, Goal } from './results.ts';
import { spreadOf, type Summary } from './statistics.ts';

/** Three significant digits, without exponent. */
export function short(value: number): string {
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 4));
}

/** A share, 0 to 1. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}

export function ratioText(value: number): string {
  return `${value.toFixed(2)}×`;
}

/** Whether the goal is met: by the median, so that a lucky round does not count. Undefined without a goal. */
export function goalMet({ goal, ratio, ours, kind }: Comparison): boolean | undefined {
  if (goal === undefined) return undefined;
  const value = goal.of === 'ratio' ? ratio?.ofMedians : ours.median;
  if (value === undefined) return undefined;
  return kind === 'rate' ? value >= goal.limit : value <= goal.limit;
}

export function goalText({ of, limit }: Goal, { kind, unit }: Comparison): string {
  const sign = kind === 'rate' ? '≥' : '≤';
  return of === 'ratio' ? `${sign} ${ratioText(limit)}` : `${sign} ${short(limit)} ${unit}`;
}

/** `98.1 to 103`, or nothing of a single sample. */
export function rangeText({ samples, minimum, maximum }: Summary): string {
  return samples.length === 1 ? '' : `${short(minimum)} to ${short(maximum)}`;
}

/** What the worker counted in a step of ours, as a note under a row. */
export function startsText({ starts = NaN, ops = NaN, graphs = NaN }: Readonly<Record<string, number>> = {}): string {
  return `${String(starts)} kernel starts a step (${String(ops)} ops, ${String(graphs)} graphs).`;
}

/** By how much a goal was missed; undefined when it was met or there is none. */
export function missText(measured: Comparison): string | undefined {
  const { goal, ratio, ours } = measured;
  if (goal === undefined || goalMet(measured) !== false) return undefined;
  const value = (goal.of === 'ratio' ? ratio?.ofMedians : ours.median) ?? NaN;
  const by = goal.limit === 0 ? '' : ` by ${percent(Math.abs(value / goal.limit - 1))}`;
  return `the goal of ${goalText(goal, measured)} is missed${by}.`;
}

/** One line for the terminal. */
export function comparisonLine(measured: Comparison): string {
  const { name, unit, ours, peer, ratio, goal } = measured;
  const met = goalMet(measured);
  return [
    name,
    `${short(ours.median)} ${unit} (± ${(50 * spreadOf(ours)).toFixed(1)} %)`,
    ...(peer === undefined || ratio === undefined
      ? []
      : [
          `PyTorch ${short(peer.median)}`,
          `${ratioText(ratio.ofMedians)} (best ${ratioText(ratio.ofBest)}, pairs ${ratioText(ratio.low)} to ${ratioText(ratio.high)})`,
        ]),
    ...(goal === undefined || met === undefined ? [] : [`goal ${goalText(goal, measured)} ${met ? 'met' : 'missed'}`]),
  ].join(' · ');
}
