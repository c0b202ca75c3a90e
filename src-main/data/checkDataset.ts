import type { DataCheck, DataFinding, DropRule, FoundRow } from '../contract/dataCheck.ts';
import type { DataConfig } from '../contract/requests.schema.ts';
import type { ProgressEvent } from '../contract/results.ts';
import type { Tokenizer } from '../models/types.ts';
import { AppError } from '../util/appError.ts';
import { macrotask } from '../util/macrotask.ts';
import { questionOf, type Example } from './example.ts';
import { learnsEnd } from './endTokens.ts';
import { languageOf } from './languages.ts';
import { leaksOf, repeatsOf, type Repeat } from './repeats.ts';
import { readRunRows } from './runRows.ts';
import { scriptOf } from './scripts.ts';
import { countLoss, exampleTokeniser, type TokeniseOptions } from './tokenise.ts';

/** Rows of a finding that are listed one by one. */
const rowsListed = 1000;
const rowsBetweenPauses = 64;

/**
 * What is wrong with the rows of a data set that the run would use: repeats, empty prompts, rows longer than the
 * sequence, rows without a token to learn, and prompts that stand on both sides of the split. Rows that cannot be used
 * are counted too. The rules of `data.drop` are left aside, so that what they would leave out is seen.
 * @param tokens tokenizer and options for lengths; without them lengths are not looked at
 * @throws AppError as readRunRows; TOKENIZER_INVALID
 */
export async function checkDataset(
  data: DataConfig,
  seed: number,
  tokens: { readonly tokenizer: Tokenizer; readonly options: TokeniseOptions } | undefined,
  signal: AbortSignal,
  emit: (event: ProgressEvent) => void,
): Promise<DataCheck> {
  emit({ phase: 'Reading', done: 0, total: 0 });
  const all = { ...data, skipBadRows: true, maxRows: undefined, maxValidationRows: undefined };
  const config = { ...all, drop: undefined, move: undefined, dropRows: undefined };
  const { train, validation, summaries } = await readRunRows(config, seed, signal);
  const ruled =
    (data.drop ?? data.move ?? data.dropRows) === undefined ? undefined : await readRunRows(all, seed, signal);
  const rows = data.validationPath === undefined ? inFileOrder([...train, ...validation]) : train;
  emit({ phase: 'Comparing rows', done: 0, total: 0 });
  const exact = await repeatsOf(rows, 'exact', signal);
  const loose = await repeatsOf(rows, 'loose', signal);
  const exactLeaks = await leaksOf(train, validation, 'exact', signal);
  const leaks = await leaksOf(train, validation, 'bare', signal);
  const lengths = tokens && (await checkLengths(rows, tokens.tokenizer, tokens.options, signal, emit));
  const empty = rows.filter((example) => questionOf(example)?.trim() === '');
  const leftOut = data.drop?.includes('too-long') === true ? (lengths?.tooLong.length ?? 0) : 0;
  return {
    rows: train.length + validation.length,
    trainRows: train.length,
    validationRows: validation.length,
    dropped: countRows(ruled?.dropped) + leftOut,
    moved: countRows(ruled?.moved),
    findings: [
      finding(
        'bad-rows',
        undefined,
        summaries.flatMap((summary) => summary.problems),
        badRows(summaries),
      ),
      movable(finding('exact-leaks', 'leaks', exactLeaks.map(asFound))),
      movable(finding('leaks', 'leaks', beyond(leaks, exactLeaks).map(asFound))),
      finding('without-loss', undefined, lengths?.withoutLoss ?? []),
      finding('without-end', undefined, lengths?.withoutEnd ?? []),
      finding('exact-duplicates', 'duplicates', exact.map(asFound)),
      finding('duplicates', 'duplicates', beyond(loose, exact).map(asFound)),
      finding('too-long', 'too-long', lengths?.tooLong ?? []),
      finding(
        'empty-prompts',
        'empty-prompts',
        empty.map(({ row }) => ({ row })),
      ),
    ].filter(({ count }) => count > 0),
    scripts: (await countedBy(rows, scriptOf, signal)).map(([script, own]) => ({ script, rows: own })),
    languages: (await countedBy(rows, languageOf, signal)).map(([language, own]) => ({ language, rows: own })),
  };
}

function inFileOrder(rows: readonly Example[]): readonly Example[] {
  return [...rows].sort((a, b) => a.row - b.row);
}

function badRows(summaries: readonly { readonly problemCount: number }[]): number {
  return summaries.reduce((sum, { problemCount }) => sum + problemCount, 0);
}

function finding(
  kind: DataFinding['kind'],
  fix: DropRule | undefined,
  rows: readonly FoundRow[],
  count = rows.length,
): DataFinding {
  return { kind, count, rows: rows.slice(0, rowsListed), ...(fix === undefined ? {} : { fix }) };
}

/** Rows that may also be kept, on the other side. */
function movable(found: DataFinding): DataFinding {
  return { ...found, move: 'leaks' };
}

function countRows(groups: readonly { readonly rows: readonly unknown[] }[] | undefined): number {
  return (groups ?? []).reduce((sum, { rows }) => sum + rows.length, 0);
}

function asFound({ example, of }: Repeat): FoundRow {
  return { row: example.row, of: of.row };
}

/** What a loose comparison finds besides an exact one. */
function beyond(all: readonly Repeat[], exact: readonly Repeat[]): Repeat[] {
  const known = new Set(exact.map(({ example }) => example));
  return all.filter(({ example }) => !known.has(example));
}

async function checkLengths(
  rows: readonly Example[],
  tokenizer: Tokenizer,
  options: TokeniseOptions,
  signal: AbortSignal,
  emit: (event: ProgressEvent) => void,
): Promise<{
  readonly tooLong: readonly FoundRow[];
  readonly withoutLoss: readonly FoundRow[];
  readonly withoutEnd: readonly FoundRow[];
}> {
  const tokenise = exampleTokeniser(tokenizer, options);
  const endsAnswer = (example: Example): boolean => example.kind !== 'text' && tokenizer.eosIds.length > 0;
  const tooLong: FoundRow[] = [];
  const withoutLoss: FoundRow[] = [];
  const withoutEnd: FoundRow[] = [];
  for (const [done, example] of rows.entries()) {
    if (done % rowsBetweenPauses === 0) {
      await macrotask(signal);
      emit({ phase: 'Counting tokens', done, total: rows.length });
    }
    try {
      const row = tokenise(example);
      if (row.truncated > 0) tooLong.push({ row: example.row, tokens: row.ids.length + row.truncated });
      if (countLoss(row) === 0) withoutLoss.push({ row: example.row, tokens: row.ids.length + row.truncated });
      else if (endsAnswer(example) && row.truncated === 0 && !learnsEnd(row, tokenizer)) {
        withoutEnd.push({ row: example.row });
      }
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'TEMPLATE_INVALID') throw error;
      withoutLoss.push({ row: example.row, reason: error.message });
    }
  }
  emit({ phase: 'Counting tokens', done: rows.length, total: rows.length });
  return { tooLong, withoutLoss, withoutEnd };
}

/** How many rows there are of each kind, the commonest first. */
async function countedBy(
  rows: readonly Example[],
  kindOf: (example: Example) => string,
  signal: AbortSignal,
): Promise<(readonly [string, number])[]> {
  const counts = new Map<string, number>();
  for (const [done, example] of rows.entries()) {
    if (done % rowsBetweenPauses === 0) await macrotask(signal);
    const kind = kindOf(example);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]);
}
