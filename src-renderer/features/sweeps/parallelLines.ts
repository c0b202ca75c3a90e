/** Trials as lines over one axis for each setting and one for the loss. Pure. */
import { bestLoss, type SweepResult, type Trial } from '../../../src-main/contract/sweeps.ts';
import { settingText } from '../../../src-main/contract/sweepTable.ts';

export interface ParallelAxis {
  readonly label: string;
  /** Places of the ticks, 0 at the bottom and 1 at the top. */
  readonly ticks: readonly { readonly at: number; readonly text: string }[];
}

export interface ParallelLine {
  readonly trial: number;
  /** One place for each axis, 0 … 1; the last is the loss, with the least at the top. */
  readonly places: readonly number[];
  /** 0 for the worst loss, 1 for the best: its colour. */
  readonly goodness: number;
  readonly stopped: boolean;
}

export interface ParallelPicture {
  readonly axes: readonly ParallelAxis[];
  readonly lines: readonly ParallelLine[];
}

/** What stands at the axes. */
export interface ParallelTexts {
  readonly seed: string;
  readonly loss: string;
  nameOf(setting: string): string;
  write(loss: number): string;
}

export function parallelPicture(
  { sweep }: Pick<SweepResult, 'sweep'>,
  trials: readonly Trial[],
  texts: ParallelTexts,
): ParallelPicture {
  const places = Object.keys(sweep.space);
  const scales = places.map((place) => scaleOf(trials.map(({ values }) => values[place])));
  const seeds = scaleOf(trials.map(({ seed }) => seed));
  const shown = trials.flatMap((trial) => {
    const loss = bestLoss(trial);
    return loss === undefined ? [] : [{ trial, loss }];
  });
  const least = Math.min(...shown.map(({ loss }) => loss));
  const most = Math.max(...shown.map(({ loss }) => loss));
  const goodness = (loss: number): number => (most > least ? (most - loss) / (most - least) : 1);
  const lines = shown.map(({ trial, loss }): ParallelLine => {
    const own = places.map((place, i) => scales[i]?.at(trial.values[place]) ?? 0.5);
    return {
      trial: trial.number,
      places: [...own, seeds.at(trial.seed), goodness(loss)],
      goodness: goodness(loss),
      stopped: trial.state === 'stopped',
    };
  });
  const ends =
    shown.length === 0
      ? []
      : [{ at: 1, text: texts.write(least) }, ...(most > least ? [{ at: 0, text: texts.write(most) }] : [])];
  return {
    axes: [
      ...places.map((place, i) => ({ label: texts.nameOf(place), ticks: scales[i]?.ticks ?? [] })),
      { label: texts.seed, ticks: seeds.ticks },
      { label: texts.loss, ticks: ends },
    ],
    // The best lie on top.
    lines: lines.sort((a, b) => a.goodness - b.goodness),
  };
}

interface Scale {
  at(value: unknown): number;
  readonly ticks: ParallelAxis['ticks'];
}

/** Numbers by their size, logarithmic over two decades; anything else in its order. */
function scaleOf(values: readonly (Trial['values'][string] | undefined)[]): Scale {
  const distinct = new Map(values.map((value) => [String(settingText(value)), value]));
  const numbers = [...distinct.values()];
  if (numbers.every((value) => typeof value === 'number')) {
    const low = Math.min(...numbers);
    const high = Math.max(...numbers);
    const log = low > 0 && high / low >= 8;
    const place = (value: number): number => (log ? Math.log(value) : value);
    const at = (value: unknown): number =>
      typeof value === 'number' && high > low ? (place(value) - place(low)) / (place(high) - place(low)) : 0.5;
    const sorted = [...numbers].sort((a, b) => a - b);
    const told = sorted.length <= 8 ? sorted : [low, high];
    return { at, ticks: told.map((value) => ({ at: at(value), text: String(settingText(value)) })) };
  }
  const names = [...distinct.keys()];
  const at = (value: unknown): number => {
    const index = names.indexOf(String(settingText(value as Trial['values'][string])));
    return names.length < 2 ? 0.5 : index / (names.length - 1);
  };
  return { at, ticks: names.map((text, i) => ({ at: names.length < 2 ? 0.5 : i / (names.length - 1), text })) };
}
