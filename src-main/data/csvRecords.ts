import { maxRowBytes, type Line } from './fileLines.ts';
import { isBlank } from './jsonLines.ts';
import { rowTooLong } from './sourceRow.ts';

/** The bytes of one record, or what is wrong with it. */
export type CsvRecord =
  | { readonly line: number; readonly at: number; readonly bytes: Buffer; readonly problem?: undefined }
  | { readonly line: number; readonly at: number; readonly problem: string; readonly bytes?: undefined };

type QuoteState = 'complete' | 'inside quotes' | 'text after quote';

const quote = 0x22;
const carriageReturn = 0x0d;
const newline = Buffer.from('\n');

/**
 * Puts lines together to records: a line break inside quotes belongs to the record. Where quotes are not in order the
 * line that the record begins on is bad, and reading goes on with the line after it, so that a stray quote costs one
 * row and not the rest of the file.
 */
export class CsvRecords {
  readonly #delimiter: number;
  /** Lines of the record that is still open. */
  #open: Line[] = [];
  #openBytes = 0;
  /** Inside quotes at the end of the open lines, and the line on which they opened. */
  #quotedSince: number | undefined;

  constructor(delimiter: string) {
    this.#delimiter = delimiter.charCodeAt(0);
  }

  /** Adds a line and returns the records that are complete with it. */
  add(line: Line): CsvRecord[] {
    return this.#addAll([line]);
  }

  /** The records that are left at the end of the file. */
  end(): CsvRecord[] {
    const records: CsvRecord[] = [];
    while (this.#quotedSince !== undefined) {
      const { record, again } = this.#giveUp(`The quote opened on line ${this.#quotedSince} is not closed.`);
      if (record !== undefined) records.push(record);
      for (const each of this.#addAll(again)) records.push(each);
    }
    return records;
  }

  #addAll(lines: readonly Line[]): CsvRecord[] {
    const records: CsvRecord[] = [];
    const waiting = lines.slice().reverse();
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { record, again } = this.#take(next);
      if (record !== undefined) records.push(record);
      for (let i = again.length - 1; i >= 0; i -= 1) {
        const line = again[i];
        if (line !== undefined) waiting.push(line);
      }
    }
    return records;
  }

  #take(line: Line): { readonly record?: CsvRecord; readonly again: readonly Line[] } {
    if (line.bytes === undefined) {
      if (this.#quotedSince === undefined)
        return { record: { line: line.number, at: line.at, problem: rowTooLong }, again: [] };
      this.#open.push(line);
      return this.#giveUp(`The quote opened on line ${this.#quotedSince} is not closed.`);
    }
    if (this.#quotedSince === undefined && isBlank(line.bytes)) return { again: [] };
    this.#open.push(line);
    this.#openBytes += line.bytes.length + 1;
    const since = this.#quotedSince;
    const { state, openedHere } = this.#scan(line.bytes, since !== undefined);
    const opened = openedHere ? line.number : (since ?? line.number);
    if (state === 'text after quote') {
      const where = opened === line.number ? '' : ` (the quote opened on line ${opened})`;
      return this.#giveUp(
        `Text follows a closing quote on line ${line.number}${where}; inside quotes a quote is written twice.`,
      );
    }
    if (state === 'inside quotes') {
      this.#quotedSince = opened;
      if (this.#openBytes <= maxRowBytes) return { again: [] };
      return this.#giveUp(`The quote opened on line ${opened} is not closed within ${maxRowBytes / 2 ** 20} MB.`);
    }
    return { record: this.#close(), again: [] };
  }

  #scan(bytes: Buffer, startInside: boolean): { state: QuoteState; openedHere: boolean } {
    let inside = startInside;
    let openedHere = false;
    let atFieldStart = !startInside;
    for (let i = 0; i < bytes.length; i += 1) {
      const byte = bytes[i];
      if (inside) {
        if (byte !== quote) continue;
        const after = bytes[i + 1];
        if (after === quote) i += 1;
        else if (after === undefined || after === this.#delimiter || this.#endsAt(bytes, i + 1)) inside = false;
        else return { state: 'text after quote', openedHere };
      } else if (byte === quote && atFieldStart) {
        inside = true;
        openedHere = true;
        atFieldStart = false;
      } else atFieldStart = byte === this.#delimiter;
    }
    return { state: inside ? 'inside quotes' : 'complete', openedHere };
  }

  #endsAt(bytes: Buffer, at: number): boolean {
    return at === bytes.length - 1 && bytes[at] === carriageReturn;
  }

  #close(): CsvRecord {
    const line = this.#open[0]?.number ?? 0;
    const at = this.#open[0]?.at ?? 0;
    const pieces = this.#open.flatMap((line, i) => {
      const bytes = line.bytes ?? Buffer.alloc(0);
      return i === 0 ? [bytes] : [newline, bytes];
    });
    const joined = pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
    this.#reset();
    const end = joined.at(-1) === carriageReturn ? joined.length - 1 : joined.length;
    return { line, at, bytes: joined.subarray(0, end) };
  }

  #giveUp(problem: string): { readonly record?: CsvRecord; readonly again: readonly Line[] } {
    const [first, ...again] = this.#open;
    this.#reset();
    return first === undefined ? { again } : { record: { line: first.number, at: first.at, problem }, again };
  }

  #reset(): void {
    this.#open = [];
    this.#openBytes = 0;
    this.#quotedSince = undefined;
  }
}
