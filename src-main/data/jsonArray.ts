import { fileChunks, maxRowBytes } from './fileLines.ts';
import { badRow, jsonRow, rowTooLong, type RowPosition, type RowSource, type SourceRow } from './sourceRow.ts';

/** Rows of a file that is one JSON array; numbered from 1. */
export function jsonArraySource(path: string, signal: AbortSignal, from?: RowPosition): RowSource {
  return { columns: [], notices: [], rows: rowsOf(path, signal, from) };
}

/** What may come next, between the elements of the array. */
type Expected = 'array' | 'element or end' | 'element' | 'comma or end' | 'nothing';

const space = new Set([0x20, 0x09, 0x0a, 0x0d]);
const comma = 0x2c;
const quote = 0x22;
const backslash = 0x5c;

function opens(byte: number): boolean {
  return byte === 0x5b || byte === 0x7b;
}

function closes(byte: number): boolean {
  return byte === 0x5d || byte === 0x7d;
}

/**
 * Finds where each element begins and ends without parsing it; the element's bytes are then parsed alone. After a
 * fault between elements nothing more can be told apart, so the rows end there with a problem.
 */
async function* rowsOf(path: string, signal: AbortSignal, from?: RowPosition): AsyncGenerator<SourceRow[]> {
  let expected: Expected = from === undefined ? 'array' : 'element';
  let row = from === undefined ? 0 : from.row - 1;
  let element: ElementBytes | undefined;
  for await (const { at: offset, bytes: chunk } of fileChunks(path, signal, from?.at)) {
    const rows: SourceRow[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (element !== undefined) {
        at = element.take(chunk, at);
        if (!element.ended) continue;
        rows.push(element.row(row));
        element = undefined;
        expected = 'comma or end';
        continue;
      }
      const byte = chunk[at] ?? 0;
      if (space.has(byte)) at += 1;
      else if (expected === 'array' && byte === 0x5b) {
        expected = 'element or end';
        at += 1;
      } else if (byte === 0x5d && (expected === 'element or end' || expected === 'comma or end')) {
        expected = 'nothing';
        at += 1;
      } else if (byte === comma && expected === 'comma or end') {
        expected = 'element';
        at += 1;
      } else if ((expected === 'element' || expected === 'element or end') && byte !== comma && !closes(byte)) {
        row += 1;
        element = new ElementBytes(offset + at);
      } else {
        rows.push(badRow(row + 1, offset + at, faultBetween(expected, byte)));
        yield rows;
        return;
      }
    }
    yield rows;
  }
  if (element !== undefined) yield [badRow(row, element.at, 'The file ends inside this row; it is not complete.')];
  else if (expected !== 'nothing')
    yield [badRow(row + 1, 0, 'The file ends before the list does; it is not complete.')];
}

function faultBetween(expected: Expected, byte: number): string {
  const found = `“${String.fromCharCode(byte)}”`;
  if (expected === 'nothing') return `There is more after the end of the list, beginning with ${found}.`;
  const wanted = expected === 'array' ? '“[”' : expected === 'comma or end' ? 'a comma or “]”' : 'a row';
  return `Expected ${wanted} here, found ${found}; the rows after it cannot be read.`;
}

/** Collects the bytes of one element: up to the bracket that closes it, or up to what follows a bare value. */
class ElementBytes {
  /** Offset of its first byte in the file. */
  readonly at: number;
  #pieces: Buffer[] = [];
  #bytes = 0;
  #depth = 0;
  #inText = false;
  #escaped = false;
  ended = false;

  constructor(at: number) {
    this.at = at;
  }

  /** Takes bytes from `at` on and returns the position after the last one taken. */
  take(chunk: Buffer, at: number): number {
    let i = at;
    while (i < chunk.length && !this.ended) {
      const byte = chunk[i] ?? 0;
      if (this.#inText) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === backslash) this.#escaped = true;
        else if (byte === quote) this.#inText = false;
      } else if (byte === quote) this.#inText = true;
      else if (opens(byte)) this.#depth += 1;
      else if (closes(byte)) {
        if (this.#depth === 0) break;
        this.#depth -= 1;
        if (this.#depth === 0) this.ended = true;
      } else if (byte === comma && this.#depth === 0) break;
      i += 1;
    }
    if (i < chunk.length) this.ended = true;
    this.#keep(chunk.subarray(at, i));
    return i;
  }

  row(number: number): SourceRow {
    return this.#bytes > maxRowBytes
      ? badRow(number, this.at, rowTooLong)
      : jsonRow(number, this.at, Buffer.concat(this.#pieces));
  }

  #keep(piece: Buffer): void {
    this.#bytes += piece.length;
    if (this.#bytes > maxRowBytes) this.#pieces = [];
    else this.#pieces.push(piece);
  }
}
