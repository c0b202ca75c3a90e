/** From values to places on an axis, with the ticks that a person would choose. */
export interface Scale {
  readonly from: number;
  readonly to: number;
  /** Share of the axis, 0 … 1. */
  place(value: number): number;
  readonly ticks: readonly number[];
}

/**
 * A linear scale that holds all values, with a little room around them.
 * `zero`: the axis begins at 0. `whole`: ticks at whole numbers alone. `ticks`: about how many of them.
 */
export function linearScale(
  values: readonly number[],
  { zero = false, whole = false, ticks = 5 }: { zero?: boolean; whole?: boolean; ticks?: number } = {},
): Scale {
  const finite = values.filter(Number.isFinite);
  const least = zero ? Math.min(0, ...finite) : Math.min(...finite);
  const most = Math.max(...finite);
  if (finite.length === 0) return linearScale([0, 1]);
  const span = most - least || Math.abs(most) || 1;
  const from = zero && least === 0 ? 0 : least - 0.06 * span;
  const to = most + 0.06 * span;
  const step = whole ? Math.max(1, niceStep((to - from) / ticks, [1, 2, 5])) : niceStep((to - from) / ticks);
  const first = Math.ceil(from / step - 1e-9);
  const count = Math.floor(to / step + 1e-9) - first + 1;
  return {
    from,
    to,
    place: (value) => (value - from) / (to - from),
    ticks: Array.from({ length: Math.max(0, count) }, (_, i) => Number(((first + i) * step).toPrecision(12))),
  };
}

/** A logarithmic scale of positive values; ticks at 1, 2 and 5, or at powers of ten where these are many. */
export function logScale(values: readonly number[]): Scale {
  const positive = values.filter((value) => Number.isFinite(value) && value > 0);
  if (positive.length === 0) return logScale([1, 10]);
  const low = Math.log10(Math.min(...positive));
  const high = Math.log10(Math.max(...positive));
  const room = Math.max(0.05, 0.05 * (high - low));
  const from = low - room;
  const to = high + room;
  const powers = Array.from({ length: Math.ceil(to) - Math.floor(from) + 1 }, (_, i) => Math.floor(from) + i);
  const factors = to - from > 3 ? [1] : to - from > 1.5 ? [1, 3] : [1, 2, 5];
  const ticks = powers
    .flatMap((power) => factors.map((factor) => Number((factor * 10 ** power).toPrecision(6))))
    .filter((tick) => Math.log10(tick) >= from && Math.log10(tick) <= to);
  return {
    from: 10 ** from,
    to: 10 ** to,
    place: (value) => (Math.log10(value) - from) / (to - from),
    ticks,
  };
}

/** A logarithmic scale of the values that were tried, with a tick at each. */
export function triedScale(values: readonly number[]): Scale {
  return { ...logScale(values), ticks: [...new Set(values)].sort((a, b) => a - b) };
}

function niceStep(rough: number, factors = [1, 2, 2.5, 5]): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = factors.find((candidate) => candidate * power >= rough) ?? 10;
  return factor * power;
}
