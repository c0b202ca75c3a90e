/** Maps values to 0 … 1 for a colour ramp: by value, by its logarithm, or by its place among all values. Pure. */

export type ScaleKind = 'linear' | 'log' | 'quantile';

export interface ValueScale {
  readonly kind: ScaleKind;
  readonly minimum: number;
  readonly maximum: number;
  /** Place of a value on the ramp, 0 … 1. A value that is not finite gives 0. */
  position(value: number): number;
  /** The value at a place on the ramp; the inverse of `position` up to ties. */
  value(position: number): number;
}

function clamp01(x: number): number {
  return x >= 1 ? 1 : x > 0 ? x : 0;
}

function finiteSorted(values: Iterable<number>, positiveOnly: boolean): Float64Array {
  const kept: number[] = [];
  for (const v of values) if (Number.isFinite(v) && (!positiveOnly || v > 0)) kept.push(v);
  return Float64Array.from(kept).sort();
}

/** First index whose entry is ≥ value. */
function lowerBound(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function upperBound(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * A scale over the given values. All equal values lie in the middle of the ramp.
 * @param domain fixed ends instead of the smallest and largest value; ignored by `quantile`
 */
export function valueScale(kind: ScaleKind, values: Iterable<number>, domain?: readonly [number, number]): ValueScale {
  const sorted = finiteSorted(values, kind === 'log');
  const minimum = domain && kind !== 'quantile' ? domain[0] : (sorted[0] ?? 0);
  const maximum = domain && kind !== 'quantile' ? domain[1] : (sorted[sorted.length - 1] ?? 1);
  if (!(maximum > minimum)) {
    return { kind, minimum, maximum, position: (v) => (v > maximum ? 1 : v < minimum ? 0 : 0.5), value: () => minimum };
  }
  if (kind === 'linear') {
    const span = maximum - minimum;
    return {
      kind,
      minimum,
      maximum,
      position: (v) => clamp01((v - minimum) / span),
      value: (t) => minimum + clamp01(t) * span,
    };
  }
  if (kind === 'log') {
    const low = Math.log(minimum);
    const span = Math.log(maximum) - low;
    return {
      kind,
      minimum,
      maximum,
      position: (v) => (v > 0 ? clamp01((Math.log(v) - low) / span) : 0),
      value: (t) => Math.exp(low + clamp01(t) * span),
    };
  }
  // The mean rank of equal values; the smallest lies at 0 and the largest at 1.
  const place = (v: number): number => (lowerBound(sorted, v) + upperBound(sorted, v) - 1) / 2;
  const first = place(minimum);
  const span = place(maximum) - first;
  return {
    kind,
    minimum,
    maximum,
    position: (v) => clamp01((place(v) - first) / span),
    value: (t) => sorted[Math.min(sorted.length - 1, Math.round(first + clamp01(t) * span))] ?? minimum,
  };
}

/** Values to write under a legend: the ends and a few round ones between them, ascending, at most `count`. */
export function legendValues(scale: ValueScale, count: number, integers: boolean): number[] {
  const { minimum, maximum } = scale;
  if (!(maximum > minimum)) return [minimum];
  const candidates: number[] = [];
  if (scale.kind === 'log') {
    for (let e = Math.floor(Math.log10(minimum)); e <= Math.ceil(Math.log10(maximum)); e++) {
      for (const f of [1, 2, 5]) candidates.push(f * 10 ** e);
    }
  } else {
    for (let i = 1; i < count - 1; i++) candidates.push(roundTo2Digits(scale.value(i / (count - 1))));
  }
  // The fewer there is room for, the wider each is: none may touch those at the ends.
  const margin = 1.1 / (count + 1);
  const inner = candidates
    .map((v) => (integers ? Math.round(v) : v))
    .filter((v) => v > minimum && v < maximum && Math.abs(scale.position(v) - 0.5) < 0.5 - margin);
  const kept: number[] = [];
  const gap = 1 / (count + 1);
  for (const v of inner) {
    const previous = kept[kept.length - 1];
    if (previous === undefined || scale.position(v) - scale.position(previous) >= gap) kept.push(v);
  }
  return [minimum, ...kept, maximum];
}

function roundTo2Digits(v: number): number {
  return v === 0 ? 0 : Number(v.toPrecision(2));
}
