import { isTooDeep, maxJsonDepth } from '../util/jsonDepth.ts';
import { maxRowBytes } from './fileLines.ts';

/** Where reading can begin again at a row. */
export interface RowPosition {
  /** Number of the row. */
  readonly row: number;
  /** Offset in bytes; of a Parquet file the index of the row, counted from 0. */
  readonly at: number;
  /** Of a folder: which of its files, and where in it. */
  readonly within?: { readonly file: number; readonly position: RowPosition };
}

/** A row as it stands in the file, before any layout is looked for. */
export interface SourceRow {
  /** As {@link RowProblem} counts it. */
  readonly row: number;
  readonly content:
    | { readonly values: Readonly<Record<string, unknown>>; readonly problem?: undefined }
    | { readonly problem: string; readonly values?: undefined };
  /** The row as JSON; of a bad row what can be shown of it. */
  raw(): string;
  /** Of a folder: the file and the row's number in it, for what is said of the row. */
  readonly place?: string;
  /** Where {@link RowSource} can begin with this row. */
  position(): RowPosition;
  /** The row is a passage of a document, not a row of named values; `last` when the document ends with it. */
  readonly passage?: { readonly last: boolean };
}

export interface RowSource {
  /** Columns in the order of the header; empty where the format has none. Complete once a row has been given. */
  readonly columns: string[];
  /** Worth telling the person; complete once `rows` is at its end. */
  readonly notices: string[];
  /** Rows, some at a time. */
  readonly rows: AsyncIterable<readonly SourceRow[]>;
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 text, or undefined where the bytes are not UTF-8; never replaces anything. */
export function decodeStrictly(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

export const notUtf8 = 'The text is not valid UTF-8; save the file as UTF-8.';
export const rowTooLong = `The row is longer than ${maxRowBytes / 2 ** 20} MB; a line break or closing quote may be missing.`;

/** @param at offset of the row in the file */
export function badRow(row: number, at: number, problem: string, text = ''): SourceRow {
  return { row, content: { problem }, raw: () => text, position: () => ({ row, at }) };
}

/** A row from the text of one JSON object. */
export function jsonRow(row: number, at: number, bytes: Buffer): SourceRow {
  const text = decodeStrictly(bytes);
  if (text === undefined) return badRow(row, at, notUtf8, bytes.toString('utf8'));
  // Checked before parsing: parsers and serialisers recurse.
  if (isTooDeep(text)) return badRow(row, at, `Lists or objects are nested more than ${maxJsonDepth} deep.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return badRow(row, at, `Not valid JSON: ${error instanceof Error ? error.message : String(error)}.`, text);
  }
  if (!isRecord(value)) {
    return badRow(row, at, `Expected an object with named values, found ${kindOf(value)}.`, text);
  }
  return { row, content: { values: value }, raw: () => text.trim(), position: () => ({ row, at }) };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `a number`, `a list`, … for sentences. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return 'text';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return 'a number';
  return typeof value === 'object' ? 'an object' : 'nothing';
}
