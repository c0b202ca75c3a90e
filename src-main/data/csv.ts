import { parse } from 'csv-parse/sync';
import { AppError } from '../util/appError.ts';
import { CsvRecords, type CsvRecord } from './csvRecords.ts';
import { fileLines } from './fileLines.ts';
import { badRow, decodeStrictly, notUtf8, type RowPosition, type RowSource, type SourceRow } from './sourceRow.ts';

/** Separators looked for, and what they are called. */
const delimiters = new Map([
  [',', 'commas'],
  [';', 'semicolons'],
  ['\t', 'tabs'],
  ['|', 'vertical bars'],
]);

/** Most columns. Tables of text have a handful; beyond this the separator is another one. */
const maxColumns = 2_000;

/**
 * Rows of a CSV file (RFC 4180, and other separators than the comma). The first line names the columns. A row's number
 * is the line it begins on.
 */
export function csvSource(path: string, signal: AbortSignal, from?: RowPosition): RowSource {
  const columns: string[] = [];
  const notices: string[] = [];
  return { columns, notices, rows: rowsOf(path, columns, notices, signal, from) };
}

async function* rowsOf(
  path: string,
  header: string[],
  notices: string[],
  signal: AbortSignal,
  from: RowPosition | undefined,
): AsyncGenerator<SourceRow[]> {
  let delimiter: string | undefined;
  let records: CsvRecords | undefined;
  let columns: readonly string[] | undefined;
  const settleHeader = (complete: CsvRecord[], separator: string): void => {
    columns = takeHeader(complete, separator, path, notices);
    header.push(...new Set(columns));
  };
  for await (const lines of fileLines(path, signal)) {
    if (delimiter === undefined || records === undefined) {
      const first = lines.find((line) => line.bytes !== undefined && line.bytes.toString('latin1').trim() !== '');
      if (first?.bytes === undefined) continue;
      delimiter = findDelimiter(first.bytes.toString('utf8'));
      records = new CsvRecords(delimiter);
      if (delimiter !== ',') notices.push(`The columns are separated by ${delimiters.get(delimiter) ?? delimiter}.`);
    }
    const complete = lines.flatMap((line) => records?.add(line) ?? []);
    if (columns === undefined) settleHeader(complete, delimiter);
    if (columns !== undefined && from !== undefined) {
      yield* rowsAfter(from, path, columns, delimiter, signal);
      return;
    }
    if (columns !== undefined) yield rowsFrom(complete, columns, delimiter);
  }
  if (records === undefined || delimiter === undefined) return;
  const last = records.end();
  if (columns === undefined) settleHeader(last, delimiter);
  if (columns !== undefined) yield rowsFrom(last, columns, delimiter);
}

/** The rows from a known one on, once the header is known. */
async function* rowsAfter(
  from: RowPosition,
  path: string,
  columns: readonly string[],
  delimiter: string,
  signal: AbortSignal,
): AsyncGenerator<SourceRow[]> {
  const records = new CsvRecords(delimiter);
  for await (const lines of fileLines(path, signal, { number: from.row, at: from.at })) {
    const complete = lines.flatMap((line) => records.add(line));
    yield rowsFrom(complete, columns, delimiter);
  }
  yield rowsFrom(records.end(), columns, delimiter);
}

/** The separator that makes the most columns of the header; the comma where none makes more than one. */
function findDelimiter(header: string): string {
  let best = ',';
  let most = 1;
  for (const delimiter of delimiters.keys()) {
    const columns = columnsOf(header, delimiter);
    if (columns > most) {
      most = columns;
      best = delimiter;
    }
  }
  return best;
}

function columnsOf(line: string, delimiter: string): number {
  try {
    return splitRecords([line], delimiter)[0]?.length ?? 0;
  } catch {
    // A name in quotes goes on in the next line, or the quotes are out of order; then the rows tell.
    return line.split(delimiter).length;
  }
}

/** Takes the first record off the list as the names of the columns. */
function takeHeader(
  records: CsvRecord[],
  delimiter: string,
  path: string,
  notices: string[],
): readonly string[] | undefined {
  const header = records.shift();
  if (header === undefined) return undefined;
  const text = header.bytes === undefined ? undefined : decodeStrictly(header.bytes);
  if (text === undefined) {
    throw new AppError('DATA_INVALID', `${path}, line ${header.line}: ${header.problem ?? notUtf8}`);
  }
  const columns = (splitRecords([text], delimiter)[0] ?? []).map((name) => name.trim());
  if (columns.length > maxColumns) {
    throw new AppError(
      'DATA_INVALID',
      `${path}, line ${header.line}: there are ${columns.length} columns, more than the ${maxColumns} that a file may have; check its separator.`,
    );
  }
  const twice = columns.find((name, i) => columns.indexOf(name) !== i);
  if (twice !== undefined) notices.push(`The column “${twice}” appears more than once; the first one is used.`);
  return columns;
}

function rowsFrom(records: readonly CsvRecord[], columns: readonly string[], delimiter: string): SourceRow[] {
  const texts = records.map((record) => (record.bytes === undefined ? undefined : decodeStrictly(record.bytes)));
  const sound = texts.filter((text) => text !== undefined);
  const fieldsOf = splitRecords(sound, delimiter).values();
  // Of columns with one name the first is used.
  const firstOf = [...new Map(columns.map((name, c) => [name, c] as const).reverse())].reverse();
  return records.map((record, i) => {
    if (record.bytes === undefined) return badRow(record.line, record.at, record.problem);
    const text = texts[i];
    if (text === undefined) return badRow(record.line, record.at, notUtf8, record.bytes.toString('utf8'));
    const fields = fieldsOf.next().value ?? [];
    if (fields.length !== columns.length) {
      return badRow(
        record.line,
        record.at,
        `The row has ${plural(fields.length, 'value')}, the header ${plural(columns.length, 'column')}.`,
        text,
      );
    }
    // fromEntries makes own properties, so a column called __proto__ changes nothing.
    const values = Object.fromEntries(firstOf.map(([name, c]) => [name, fields[c] ?? '']));
    const { line: row, at } = record;
    return { row, content: { values }, raw: () => JSON.stringify(values), position: () => ({ row, at }) };
  });
}

/**
 * The fields of records whose quotes are known to be in order, hence one result for each. A quote inside an unquoted
 * field is literal.
 */
function splitRecords(records: readonly string[], delimiter: string): string[][] {
  if (records.length === 0) return [];
  return parse(records.join('\n'), {
    delimiter,
    record_delimiter: '\n',
    relax_quotes: true,
    relax_column_count: true,
  });
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
