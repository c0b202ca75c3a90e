import path from 'node:path';
import type { ColumnMapping, DataFormat, DatasetSummary, RowProblem } from '../contract/data.ts';
import { AppError } from '../util/appError.ts';
import { csvSource } from './csv.ts';
import type { Example } from './example.ts';
import { fileChunks } from './fileLines.ts';
import { jsonArraySource } from './jsonArray.ts';
import { isBlank, jsonLinesSource } from './jsonLines.ts';
import { expectedColumns, findLayout, readExample, type RowReader } from './layout.ts';
import type { RowSource, SourceRow } from './sourceRow.ts';

export interface Dataset {
  readonly summary: DatasetSummary;
  readonly examples: readonly Example[];
}

interface ValuedRow {
  readonly source: SourceRow;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Rows looked at to find columns and layout. */
const rowsForLayout = 100;
const problemsListed = 1000;

/**
 * Reads a data file: JSONL, JSON array or CSV. Bad rows are listed in the summary and left out. Where no layout fits,
 * `summary.layout` is absent and there are no examples.
 * @param mapping columns that hold prompt and completion, where the person says so
 * @throws AppError FILE_NOT_FOUND, FILE_UNREADABLE, DATA_INVALID when the file has no rows or is no such file,
 * DATA_MAPPING when a mapped column does not exist, CANCELLED
 */
export async function readDataset(
  file: string,
  mapping: ColumnMapping | undefined,
  signal: AbortSignal,
): Promise<Dataset> {
  const examples: Example[] = [];
  const summary = await scanDataset(file, mapping, signal, (example) => examples.push(example));
  return { summary, examples };
}

/** The summary alone; rows are not kept. Errors as {@link readDataset}. */
export async function inspectDataset(
  file: string,
  mapping: ColumnMapping | undefined,
  signal: AbortSignal,
): Promise<DatasetSummary> {
  return scanDataset(file, mapping, signal, () => undefined);
}

/**
 * The examples to work with, once the person has chosen what happens to bad rows.
 * @throws AppError DATA_MAPPING when no layout fits; DATA_INVALID when there are bad rows and they are not to be
 * skipped (`details.problems` lists them), or when no row is usable
 */
export function usableExamples(dataset: Dataset, skipBadRows: boolean): readonly Example[] {
  const { summary, examples } = dataset;
  if (summary.layout === undefined && summary.columns.length > 0) {
    throw new AppError(
      'DATA_MAPPING',
      `${summary.path} has the columns ${summary.columns.join(', ')}; expected are ${expectedColumns}.${summary.format === 'csv' ? ' The first line of a CSV file names its columns.' : ''} Say which column is the prompt and which the completion.`,
      { details: { columns: summary.columns } },
    );
  }
  const first = summary.problems[0];
  if (first !== undefined && (!skipBadRows || examples.length === 0)) {
    const rows = summary.problemCount === 1 ? 'One row' : `${summary.problemCount} rows`;
    const remedy = skipBadRows ? 'No other row is left.' : 'Mend them, or skip bad rows.';
    throw new AppError(
      'DATA_INVALID',
      `${rows} of ${summary.path} cannot be used; the first is ${rowName(summary.format, first.row)}: ${first.reason} ${remedy}`,
      { details: { problems: summary.problems, problemCount: summary.problemCount } },
    );
  }
  return examples;
}

/** `line 3` or `row 3`, as rows of a format are counted. */
export function rowName(format: DataFormat, row: number): string {
  return format === 'json' ? `row ${row}` : `line ${row}`;
}

/**
 * Goes through a data file and hands over every usable row with its source.
 * Errors as {@link readDataset}.
 */
export async function scanDataset(
  file: string,
  mapping: ColumnMapping | undefined,
  signal: AbortSignal,
  onExample: (example: Example, source: SourceRow) => void,
): Promise<DatasetSummary> {
  const format = await findFormat(file, signal);
  const source = openSource(file, format, signal);
  const problems: RowProblem[] = [];
  const counts = { rows: 0, problems: 0, emptyPrompts: 0 };
  const columns = new Set<string>();
  let reader: RowReader | undefined;

  const refuse = (row: number, reason: string): void => {
    counts.problems += 1;
    if (problems.length < problemsListed) problems.push({ row, reason });
  };
  const take = (row: ValuedRow): void => {
    if (reader === undefined) return;
    const example = readExample(row.source.row, row.values, reader);
    if ('problem' in example) {
      refuse(row.source.row, example.problem);
      return;
    }
    counts.rows += 1;
    if (example.kind === 'prompt' && example.prompt.trim() === '') counts.emptyPrompts += 1;
    onExample(example, row.source);
  };

  let head: ValuedRow[] | undefined = [];
  const settleLayout = (rows: readonly ValuedRow[]): void => {
    for (const { values } of rows) for (const name of Object.keys(values)) columns.add(name);
    reader = mapping === undefined ? findLayout(rows.map((row) => row.values)) : mapped(mapping);
    if (mapping !== undefined && columns.size > 0) checkMapping(file, mapping, columns);
    rows.forEach(take);
    head = undefined;
  };
  for await (const rows of source.rows) {
    for (const row of rows) {
      if (row.content.values === undefined) refuse(row.row, row.content.problem);
      else if (head === undefined) take({ source: row, values: row.content.values });
      else {
        head.push({ source: row, values: row.content.values });
        if (head.length === rowsForLayout) settleLayout(head);
      }
    }
  }
  if (head !== undefined) settleLayout(head);
  problems.sort((a, b) => a.row - b.row);

  if (counts.problems === 0 && columns.size === 0) {
    throw new AppError('DATA_INVALID', `${file} has no rows; choose a file with data.`);
  }
  return {
    path: file,
    format,
    columns: source.columns.length > 0 ? source.columns : [...columns],
    ...(reader === undefined ? {} : { layout: reader.layout }),
    rows: counts.rows,
    problems,
    problemCount: counts.problems,
    notices: [...source.notices, ...noticesOf(file, format, counts.emptyPrompts)],
  };
}

function openSource(file: string, format: DataFormat, signal: AbortSignal): RowSource {
  switch (format) {
    case 'jsonl':
      return jsonLinesSource(file, signal);
    case 'json':
      return jsonArraySource(file, signal);
    case 'csv':
      return csvSource(file, signal);
  }
}

/** By the name's ending and, among the JSON forms, by the first character. */
async function findFormat(file: string, signal: AbortSignal): Promise<DataFormat> {
  const ending = path.extname(file).toLowerCase();
  if (ending === '.csv' || ending === '.tsv') return 'csv';
  const first = await firstCharacter(file, signal);
  if (first === '[') return 'json';
  if (first === '{' || ending === '.jsonl' || ending === '.ndjson' || ending === '.json') return 'jsonl';
  if (first === undefined) throw new AppError('DATA_INVALID', `${file} has no rows; choose a file with data.`);
  throw new AppError('DATA_INVALID', `${file} is neither JSON nor named .csv; give a JSONL, JSON or CSV file.`);
}

async function firstCharacter(file: string, signal: AbortSignal): Promise<string | undefined> {
  for await (const chunk of fileChunks(file, signal)) {
    const at = chunk.findIndex((byte) => !isBlank(Uint8Array.of(byte)));
    if (at >= 0) return String.fromCharCode(chunk[at] ?? 0);
  }
  return undefined;
}

function mapped(columns: ColumnMapping): RowReader {
  return { layout: 'prompt', columns, mapped: true };
}

function checkMapping(file: string, mapping: ColumnMapping, columns: ReadonlySet<string>): void {
  const missing = [mapping.prompt, mapping.completion].find((column) => !columns.has(column));
  if (missing === undefined) return;
  throw new AppError(
    'DATA_MAPPING',
    `${file} has no column “${missing}”; its columns are ${[...columns].join(', ')}.`,
    { details: { columns: [...columns] } },
  );
}

function noticesOf(file: string, format: DataFormat, emptyPrompts: number): string[] {
  const notices: string[] = [];
  if (format === 'json' && path.extname(file).toLowerCase() !== '.json') {
    notices.push('The file is one JSON list, not one object a line; it is read as a list.');
  }
  if (emptyPrompts > 0) {
    notices.push(emptyPrompts === 1 ? 'One row has an empty prompt.' : `${emptyPrompts} rows have an empty prompt.`);
  }
  return notices;
}
