import path from 'node:path';
import type { ColumnMapping, DatasetSummary, RowProblem } from '../contract/data.ts';
import { AppError } from '../util/appError.ts';
import type { Example } from './example.ts';
import { findLayout, mappedColumns, mappedReader, readExample, type RowReader } from './layout.ts';
import { findPlace, openSource, type DataPlace } from './openSource.ts';
import type { SourceRow } from './sourceRow.ts';

/** Rows looked at to find columns and layout. */
const rowsForLayout = 100;
const problemsListed = 1000;

/** What going through a data file has shown. */
export interface Scan {
  readonly place: DataPlace;
  /** How its rows are understood; undefined where no layout fits. */
  readonly reader: RowReader | undefined;
  readonly summary: DatasetSummary;
}

/**
 * Goes through a data file and hands over every usable row with its source.
 * Errors as readDataset.
 */
export async function scanDataset(
  file: string,
  mapping: ColumnMapping | undefined,
  signal: AbortSignal,
  onExample: (example: Example, source: SourceRow) => void,
): Promise<Scan> {
  const place = await findPlace(file, signal);
  const source = openSource(place, signal);
  const sorter = new RowSorter(file, mapping, onExample);
  for await (const rows of source.rows) for (const row of rows) sorter.add(row);
  const { reader, columns, rows, problems, problemCount, emptyPrompts } = sorter.finish();
  if (problemCount === 0 && columns.length === 0) {
    throw new AppError('DATA_INVALID', `${file} has no rows; choose a file with data.`);
  }
  const summary: DatasetSummary = {
    path: file,
    format: place.format,
    ...(place.files === undefined ? {} : { files: place.files.map((each) => path.relative(file, each)) }),
    columns: source.columns.length > 0 ? source.columns : columns,
    ...(reader === undefined ? {} : { layout: reader.layout }),
    rows,
    problems,
    problemCount,
    notices: [...source.notices, ...noticesOf(place, emptyPrompts)],
  };
  return { place, reader, summary };
}

interface ValuedRow {
  readonly source: SourceRow;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Tells usable rows from bad ones. The first rows wait until they have shown the layout. */
class RowSorter {
  readonly #file: string;
  readonly #mapping: ColumnMapping | undefined;
  readonly #onExample: (example: Example, source: SourceRow) => void;
  readonly #columns = new Set<string>();
  readonly #problems: RowProblem[] = [];
  #waiting: ValuedRow[] | undefined = [];
  #reader: RowReader | undefined;
  #rows = 0;
  #problemCount = 0;
  #emptyPrompts = 0;

  constructor(
    file: string,
    mapping: ColumnMapping | undefined,
    onExample: (example: Example, source: SourceRow) => void,
  ) {
    this.#file = file;
    this.#mapping = mapping;
    this.#onExample = onExample;
  }

  add(row: SourceRow): void {
    const { values, problem } = row.content;
    if (values === undefined) this.#refuse(row, problem);
    else if (this.#waiting === undefined) this.#take({ source: row, values });
    else {
      this.#waiting.push({ source: row, values });
      if (this.#waiting.length === rowsForLayout) this.#settleLayout();
    }
  }

  finish() {
    this.#settleLayout();
    return {
      reader: this.#reader,
      columns: [...this.#columns],
      rows: this.#rows,
      problems: this.#problems.sort((a, b) => a.row - b.row),
      problemCount: this.#problemCount,
      emptyPrompts: this.#emptyPrompts,
    };
  }

  #settleLayout(): void {
    const rows = this.#waiting;
    if (rows === undefined) return;
    this.#waiting = undefined;
    for (const { values } of rows) for (const name of Object.keys(values)) this.#columns.add(name);
    if (this.#mapping === undefined) this.#reader = findLayout(rows.map((row) => row.values));
    else {
      if (this.#columns.size > 0) checkMapping(this.#file, this.#mapping, this.#columns);
      this.#reader = mappedReader(this.#mapping);
    }
    for (const row of rows) this.#take(row);
  }

  #take({ source, values }: ValuedRow): void {
    if (this.#reader === undefined) return;
    const example = readExample(source.row, values, this.#reader, source.passage);
    if ('problem' in example) {
      this.#refuse(source, example.problem);
      return;
    }
    this.#rows += 1;
    if (example.kind === 'prompt' && example.prompt.trim() === '') this.#emptyPrompts += 1;
    this.#onExample(example, source);
  }

  #refuse({ row, place }: SourceRow, problem: string): void {
    this.#problemCount += 1;
    const reason = place === undefined ? problem : `${place}: ${problem}`;
    if (this.#problems.length < problemsListed) this.#problems.push({ row, reason });
  }
}

function checkMapping(file: string, mapping: ColumnMapping, columns: ReadonlySet<string>): void {
  const missing = mappedColumns(mapping).find((column) => !columns.has(column));
  if (missing === undefined) return;
  throw new AppError(
    'DATA_MAPPING',
    `${file} has no column “${missing}”; its columns are ${[...columns].join(', ')}.`,
    { details: { columns: [...columns] } },
  );
}

function noticesOf({ path: file, format, files, ignored }: DataPlace, emptyPrompts: number): string[] {
  const notices: string[] = [];
  if (files !== undefined) notices.push(files.length === 1 ? 'One file was read.' : `${files.length} files were read.`);
  if (ignored !== undefined && ignored.length > 0) {
    const names = ignored.slice(0, 5).map((each) => path.basename(each));
    notices.push(`Left out beside files with rows: ${names.join(', ')}${ignored.length > 5 ? ' and others' : ''}.`);
  }
  if (format === 'json' && path.extname(file).toLowerCase() !== '.json') {
    notices.push('The file is one JSON list, not one object a line; it is read as a list.');
  }
  if (emptyPrompts > 0) {
    notices.push(emptyPrompts === 1 ? 'One row has an empty prompt.' : `${emptyPrompts} rows have an empty prompt.`);
  }
  return notices;
}
