import { fileLines } from './fileLines.ts';
import { badRow, jsonRow, rowTooLong, type RowPosition, type RowSource, type SourceRow } from './sourceRow.ts';

/** Rows of a JSONL file (one JSON object a line, https://jsonlines.org); blank lines are passed over. */
export function jsonLinesSource(path: string, signal: AbortSignal, from?: RowPosition): RowSource {
  return { columns: [], notices: [], rows: rowsOf(path, signal, from) };
}

async function* rowsOf(path: string, signal: AbortSignal, from?: RowPosition): AsyncGenerator<SourceRow[]> {
  for await (const lines of fileLines(path, signal, from && { number: from.row, at: from.at })) {
    const rows: SourceRow[] = [];
    for (const { number, at, bytes } of lines) {
      if (bytes === undefined) rows.push(badRow(number, at, rowTooLong));
      else if (!isBlank(bytes)) rows.push(jsonRow(number, at, bytes));
    }
    yield rows;
  }
}

/** White space of JSON and of editors: space, tab, carriage return, vertical tab, form feed. */
export function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 32 || (byte >= 9 && byte <= 13));
}
