import type { LengthStatistics } from '../contract/data.ts';
import type { Tokenizer } from '../models/types.ts';
import { AppError } from '../util/appError.ts';
import { macrotask } from '../util/macrotask.ts';
import { learnsEnd } from './endTokens.ts';
import type { Example } from './example.ts';
import { stretchesOf } from './stretches.ts';
import { countLoss, exampleTokeniser, type TokenisedRow, type TokeniseOptions } from './tokenise.ts';

const bins = 24;
const rowsBetweenPauses = 32;
/** Rows tokenised of each side; of more, these many evenly spaced ones. */
const mostTokenised = 8000;

/**
 * How long the rows of a run are in tokens, before the cut at the sequence length; `tokens` and `lossTokens` count what is
 * left after it. Rows that the template refuses count as rows without loss, of length 0.
 * @throws AppError TOKENIZER_INVALID, CANCELLED
 */
export async function lengthStatistics(
  rows: { readonly train: readonly Example[]; readonly validation: readonly Example[] },
  tokenizer: Tokenizer,
  options: TokeniseOptions,
  signal: AbortSignal,
): Promise<LengthStatistics> {
  const tokenise = exampleTokeniser(tokenizer, options);
  const count = async (examples: readonly Example[]): Promise<Side> => {
    const side = new Side(examples.length);
    const sampled = evenly(examples, mostTokenised);
    side.share = sampled.length / Math.max(1, examples.length);
    for (const [done, example] of sampled.entries()) {
      if (done % rowsBetweenPauses === 0) await macrotask(signal);
      const row = tokenisedOrRefused(() => tokenise(example));
      if (options.longRows === 'leave-out' && (row?.truncated ?? 0) > 0) continue;
      side.add(example, row, row !== undefined && learnsEnd(row, tokenizer), options.sequenceLength);
    }
    return side;
  };
  return statisticsOf(await count(rows.train), await count(rows.validation));
}

/** What is counted on one side of the split. */
class Side {
  readonly rows: number;
  /** Share of the rows that was tokenised. */
  share = 1;
  readonly lengths: number[] = [];
  tokens = 0;
  lossTokens = 0;
  truncatedRows = 0;
  rowsWithoutLoss = 0;
  answers = 0;
  answersWithoutEnd = 0;

  constructor(rows: number) {
    this.rows = rows;
  }

  /** @param row undefined where the template refuses the example */
  add(example: Example, row: TokenisedRow | undefined, end: boolean, sequenceLength: number): void {
    const loss = row === undefined ? 0 : countLoss(row);
    for (const stretch of row === undefined ? [undefined] : stretchesOf(row, sequenceLength)) {
      this.lengths.push(stretch === undefined ? 0 : stretch.ids.length + stretch.truncated);
      this.tokens += stretch?.ids.length ?? 0;
    }
    this.lossTokens += loss;
    this.truncatedRows += (row?.truncated ?? 0) > 0 ? 1 : 0;
    this.rowsWithoutLoss += loss === 0 ? 1 : 0;
    if (example.kind === 'text' || loss === 0) return;
    this.answers += 1;
    this.answersWithoutEnd += end ? 0 : 1;
  }

  /** A count over the tokenised rows, as it would be over all. */
  scaled(value: number): number {
    return Math.round(value / (this.share === 0 ? 1 : this.share));
  }
}

function statisticsOf(train: Side, validation: Side): LengthStatistics {
  const sides = [train, validation] as const;
  const sum = (of: (side: Side) => number): number => sides.reduce((total, side) => total + side.scaled(of(side)), 0);
  const lengths = sides.flatMap((side) => side.lengths).sort((a, b) => a - b);
  const longest = lengths.at(-1) ?? 0;
  const trainRows = train.scaled(train.lengths.length);
  const validationRows = validation.scaled(validation.lengths.length);
  const rows = trainRows + validationRows;
  const { edges, counts } = histogram(lengths, longest);
  const sampled = sides.some((side) => side.share < 1);
  return {
    edges,
    counts: sampled ? counts.map((each) => Math.round((each * rows) / Math.max(1, lengths.length))) : counts,
    rows,
    trainRows,
    validationRows,
    ...(sampled ? { sampled: lengths.length } : {}),
    tokens: sum((side) => side.tokens),
    lossTokens: sum((side) => side.lossTokens),
    trainLossTokens: train.scaled(train.lossTokens),
    longest,
    median: medianOf(lengths),
    truncatedRows: sum((side) => side.truncatedRows),
    rowsWithoutLoss: sum((side) => side.rowsWithoutLoss),
    answers: sum((side) => side.answers),
    answersWithoutEnd: sum((side) => side.answersWithoutEnd),
  };
}

function evenly<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  const chosen = Array.from({ length: most }, (_, i) => items[Math.floor((i * items.length) / most)]);
  return chosen.filter((item) => item !== undefined);
}

function tokenisedOrRefused<T>(tokenise: () => T): T | undefined {
  try {
    return tokenise();
  } catch (error) {
    if (error instanceof AppError && error.code === 'TEMPLATE_INVALID') return undefined;
    throw error;
  }
}

/** Bins of equal, round width that reach the longest row. */
function histogram(lengths: readonly number[], longest: number): { edges: number[]; counts: number[] } {
  const width = roundWidth(Math.max(1, longest) / bins);
  const count = Math.max(1, Math.ceil(longest / width));
  const edges = Array.from({ length: count }, (_, i) => (i + 1) * width);
  const counts = edges.map(() => 0);
  for (const length of lengths) {
    const bin = Math.max(0, Math.ceil(length / width) - 1);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { edges, counts };
}

/** The smallest of 1, 2, 4, 5, 8, 10, 20, 40, 50, 80, 100, … that is not below `least`. */
function roundWidth(least: number): number {
  for (let scale = 1; ; scale *= 10) {
    for (const step of [1, 2, 4, 5, 8]) if (step * scale >= least) return step * scale;
  }
}

/** Middle of the sorted values; of an even number, the lower of the two in the middle. */
function medianOf(sorted: readonly number[]): number {
  return sorted[Math.ceil(sorted.length / 2) - 1] ?? 0;
}
