import type { DropRule } from '../contract/dataCheck.ts';
import type { DatasetSummary, RowProblem } from '../contract/data.ts';
import type { DataConfig } from '../contract/requests.schema.ts';
import { leaksOf, repeatsOf } from './repeats.ts';
import { questionOf, type Example } from './example.ts';
import { readDataset, usableExamples } from './read.ts';
import { drawRows, splitExamples } from './split.ts';

/** Rows that were left out by a rule of the run. */
export interface DroppedRows {
  readonly rule: Exclude<DropRule, 'too-long'>;
  readonly rows: readonly RowProblem[];
}

/** The rows of a run, on both sides of the split. */
export interface RunRows {
  readonly train: readonly Example[];
  readonly validation: readonly Example[];
  readonly dropped: readonly DroppedRows[];
  /** Of the data file, and of the validation file where there is one. */
  readonly summaries: readonly [DatasetSummary, ...DatasetSummary[]];
}

/**
 * Reads the rows of a run, leaves out what its rules say, and splits them: the same files and settings give the same rows
 * in the same order. `too-long` is left to the tokeniser, which knows the lengths.
 * @throws AppError DATA_INVALID, DATA_MAPPING, FILE_NOT_FOUND, FILE_UNREADABLE, CANCELLED
 */
export async function readRunRows(data: DataConfig, seed: number, signal: AbortSignal): Promise<RunRows> {
  const main = await readDataset(data.path, data.mapping, signal);
  const own =
    data.validationPath === undefined ? undefined : await readDataset(data.validationPath, data.mapping, signal);
  const dropped: DroppedRows[] = [];
  const keep = async (rows: readonly Example[]): Promise<readonly Example[]> =>
    dropBeforeSplit(rows, data.drop ?? [], dropped, signal);
  const rows = await keep(usableExamples(main, data.skipBadRows));
  const split = own
    ? { train: rows, validation: await keep(usableExamples(own, data.skipBadRows)) }
    : splitExamples(rows, data.validationShare, seed);
  const train = data.drop?.includes('leaks') === true ? await withoutLeaks(split, dropped, signal) : split.train;
  return {
    train: drawRows(train, data.maxRows, seed, 'training rows'),
    validation: drawRows(split.validation, data.maxValidationRows, seed, 'validation rows'),
    dropped,
    summaries: own ? [main.summary, own.summary] : [main.summary],
  };
}

async function dropBeforeSplit(
  rows: readonly Example[],
  rules: readonly DropRule[],
  dropped: DroppedRows[],
  signal: AbortSignal,
): Promise<readonly Example[]> {
  let kept = rows;
  const leaveOut = (rule: DroppedRows['rule'], reasons: ReadonlyMap<Example, string>): void => {
    if (reasons.size === 0) return;
    dropped.push({ rule, rows: [...reasons].map(([example, reason]) => ({ row: example.row, reason })) });
    kept = kept.filter((example) => !reasons.has(example));
  };
  if (rules.includes('empty-prompts')) {
    const empty = kept.filter((example) => questionOf(example)?.trim() === '');
    leaveOut('empty-prompts', new Map(empty.map((example) => [example, 'The prompt is empty.'])));
  }
  if (rules.includes('duplicates')) {
    const repeats = await repeatsOf(kept, 'loose', signal);
    leaveOut('duplicates', new Map(repeats.map(({ example, of }) => [example, `It repeats row ${of.row}.`])));
  }
  return kept;
}

async function withoutLeaks(
  { train, validation }: { readonly train: readonly Example[]; readonly validation: readonly Example[] },
  dropped: DroppedRows[],
  signal: AbortSignal,
): Promise<readonly Example[]> {
  const leaks = await leaksOf(train, validation, 'bare', signal);
  if (leaks.length === 0) return train;
  const rows = leaks.map(({ example, of }) => ({
    row: example.row,
    reason: `Its prompt is that of held-out row ${of.row}.`,
  }));
  dropped.push({ rule: 'leaks', rows });
  const leaking = new Set(leaks.map(({ example }) => example));
  return train.filter((example) => !leaking.has(example));
}
