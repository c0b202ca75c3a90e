import type { DropRule, MoveRule } from '../contract/dataCheck.ts';
import type { DatasetSummary, RowProblem } from '../contract/data.ts';
import type { DataConfig } from '../contract/requests.schema.ts';
import { leaksOf, repeatsOf } from './repeats.ts';
import { questionOf, type Example } from './example.ts';
import { readDataset, usableExamples } from './read.ts';
import { drawRows, splitExamples, type Split } from './split.ts';

/** Rows that were left out by a rule of the run. */
export interface DroppedRows {
  readonly rule: Exclude<DropRule, 'too-long'> | 'chosen';
  readonly rows: readonly RowProblem[];
}

/** Rows that a rule of the run has put among the held-out ones. */
export interface MovedRows {
  readonly rule: MoveRule;
  readonly rows: readonly RowProblem[];
}

/** The rows of a run, on both sides of the split. */
export interface RunRows {
  readonly train: readonly Example[];
  readonly validation: readonly Example[];
  readonly dropped: readonly DroppedRows[];
  readonly moved: readonly MovedRows[];
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
  const rows = await keep(withoutChosen(usableExamples(main, data.skipBadRows), data.dropRows ?? [], dropped));
  const split = own
    ? { train: rows, validation: await keep(usableExamples(own, data.skipBadRows)) }
    : splitExamples(rows, data.validationShare, seed);
  const { train, validation, moved } = await withoutLeaks(split, data, dropped, signal);
  return {
    train: drawRows(train, data.maxRows, seed, 'training rows'),
    validation: drawRows(validation, data.maxValidationRows, seed, 'validation rows'),
    dropped,
    moved,
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

/** Without the rows that the person has picked one by one. */
function withoutChosen(
  rows: readonly Example[],
  chosen: readonly number[],
  dropped: DroppedRows[],
): readonly Example[] {
  if (chosen.length === 0) return rows;
  const numbers = new Set(chosen);
  const found = rows.filter(({ row }) => numbers.has(row));
  if (found.length === 0) return rows;
  dropped.push({ rule: 'chosen', rows: found.map(({ row }) => ({ row, reason: 'It was picked to be left out.' })) });
  return rows.filter(({ row }) => !numbers.has(row));
}

/** Training rows that ask what a held-out row asks are moved to the held-out ones or left out, as the rules say. */
async function withoutLeaks(
  split: Split,
  { drop, move }: Pick<DataConfig, 'drop' | 'move'>,
  dropped: DroppedRows[],
  signal: AbortSignal,
): Promise<Split & { readonly moved: readonly MovedRows[] }> {
  const moves = move?.includes('leaks') === true;
  if (!moves && drop?.includes('leaks') !== true) return { ...split, moved: [] };
  const leaks = await leaksOf(split.train, split.validation, 'bare', signal);
  if (leaks.length === 0) return { ...split, moved: [] };
  const rows = leaks.map(({ example, of }) => ({
    row: example.row,
    reason: `Its prompt is that of held-out row ${of.row}.`,
  }));
  const leaking = new Set(leaks.map(({ example }) => example));
  const train = split.train.filter((example) => !leaking.has(example));
  if (moves) {
    const validation = [...split.validation, ...leaks.map(({ example }) => example)];
    return { train, validation, moved: [{ rule: 'leaks', rows }] };
  }
  dropped.push({ rule: 'leaks', rows });
  return { train, validation: split.validation, moved: [] };
}
