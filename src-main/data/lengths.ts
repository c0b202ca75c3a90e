import type { LengthStatistics } from '../contract/data.ts';
import type { Tokenizer } from '../models/types.ts';
import { AppError, throwIfCancelled } from '../util/appError.ts';
import type { Example } from './example.ts';
import { countLoss, exampleTokeniser, type TokeniseOptions } from './tokenise.ts';

const bins = 24;
const rowsBetweenPauses = 32;

/**
 * How long the rows are in tokens, before the cut at the sequence length; `tokens` and `lossTokens` count what is left
 * after it. Rows that the template refuses count as rows without loss, of length 0.
 * @throws AppError TOKENIZER_INVALID, CANCELLED
 */
export async function lengthStatistics(
  examples: readonly Example[],
  tokenizer: Tokenizer,
  options: TokeniseOptions,
  signal: AbortSignal,
): Promise<LengthStatistics> {
  const tokenise = exampleTokeniser(tokenizer, options);
  const lengths: number[] = [];
  const totals = { tokens: 0, lossTokens: 0, truncatedRows: 0, rowsWithoutLoss: 0 };
  for (const [done, example] of examples.entries()) {
    if (done % rowsBetweenPauses === 0) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      throwIfCancelled(signal);
    }
    const row = tokenisedOrRefused(() => tokenise(example));
    const loss = row === undefined ? 0 : countLoss(row);
    lengths.push(row === undefined ? 0 : row.ids.length + row.truncated);
    totals.tokens += row?.ids.length ?? 0;
    totals.lossTokens += loss;
    totals.truncatedRows += (row?.truncated ?? 0) > 0 ? 1 : 0;
    totals.rowsWithoutLoss += loss === 0 ? 1 : 0;
  }
  lengths.sort((a, b) => a - b);
  const longest = lengths.at(-1) ?? 0;
  return { ...histogram(lengths, longest), rows: lengths.length, ...totals, longest, median: medianOf(lengths) };
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
