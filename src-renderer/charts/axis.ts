/** Axes of a plot: from values to pixels, with ticks at round values. Pure. */

export interface Axis {
  readonly log: boolean;
  readonly minimum: number;
  readonly maximum: number;
  readonly ticks: readonly number[];
  /** 0 at `minimum`, 1 at `maximum`; beyond for values outside. */
  position(value: number): number;
}

export interface AxisOptions {
  readonly log?: boolean;
  /** The axis holds these values even where no point does: zero for shares, for one. */
  readonly include?: readonly number[];
  /** About how many ticks there is room for. */
  readonly ticks: number;
  /** Ticks only at whole numbers. */
  readonly integers?: boolean;
}

/** An axis over values, widened to round ones. Values that are not finite, or not above zero on a log axis, count nothing. */
export function axisOver(values: readonly number[], options: AxisOptions): Axis {
  const usable = [...values, ...(options.include ?? [])].filter(
    (value) => Number.isFinite(value) && (options.log !== true || value > 0),
  );
  const low = usable.length === 0 ? (options.log ? 0.1 : 0) : Math.min(...usable);
  const high = usable.length === 0 ? 1 : Math.max(...usable);
  return options.log ? logAxis(low, high, options.ticks) : linearAxis(low, high, options);
}

function linearAxis(low: number, high: number, { ticks: room, integers = false }: AxisOptions): Axis {
  // One value alone gets room on both sides.
  const pad = high > low ? 0 : Math.max(Math.abs(high) * 0.1, integers ? 1 : 1e-9);
  const step = roundStep((high + pad - (low - pad)) / Math.max(1, room - 1), integers);
  const minimum = Math.floor((low - pad) / step + 1e-9) * step;
  const maximum = Math.ceil((high + pad) / step - 1e-9) * step;
  const count = Math.round((maximum - minimum) / step);
  const ticks = Array.from({ length: count + 1 }, (_, i) => Number((minimum + i * step).toPrecision(12)));
  const span = maximum - minimum;
  return { log: false, minimum, maximum, ticks, position: (value) => (value - minimum) / span };
}

/** The next of 1, 2, 2.5, 5 times a power of ten. */
function roundStep(rough: number, integers: boolean): number {
  const size = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 2.5, 5, 10].find((one) => one * size >= rough * (1 - 1e-9)) ?? 10;
  const step = factor * size;
  return integers ? Math.max(1, Math.ceil(step)) : step;
}

function logAxis(low: number, high: number, room: number): Axis {
  const pad = high > low ? 1.12 : 2;
  const minimum = low / pad;
  const maximum = high * pad;
  const from = Math.log(minimum);
  const span = Math.log(maximum) - from;
  const inside = (factors: readonly number[]): number[] => {
    const found: number[] = [];
    for (let power = Math.floor(Math.log10(minimum)); power <= Math.ceil(Math.log10(maximum)); power++) {
      for (const factor of factors) found.push(Number((factor * 10 ** power).toPrecision(12)));
    }
    return found.filter((tick) => tick >= minimum && tick <= maximum);
  };
  const choices = [[1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 5], [1, 3], [1]].map(inside);
  const ticks = choices.find((one) => one.length <= room) ?? choices.at(-1) ?? [];
  return { log: true, minimum, maximum, ticks, position: (value) => (Math.log(value) - from) / span };
}
