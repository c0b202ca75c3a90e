import { fileLines } from './fileLines.ts';
import { isBlank } from './jsonLines.ts';
import {
  badRow,
  decodeStrictly,
  notUtf8,
  rowTooLong,
  type RowPosition,
  type RowSource,
  type SourceRow,
} from './sourceRow.ts';

/** A passage ends at the first blank line after this many bytes: some 2,000 tokens. */
const passageBytes = 8_000;
/** It ends at any line after this many, in texts without blank lines. */
const longestPassage = 32_000;

/**
 * Passages of a document (.txt, .md): whole paragraphs up to about 8,000 bytes, so that some can be held out and a text
 * of any length needs little memory. A passage's number is the line it begins on. Training cuts passages into stretches
 * of the sequence length; see `stretches.ts`.
 */
export function documentSource(path: string, signal: AbortSignal, from?: RowPosition): RowSource {
  return { columns: ['text'], notices: [], rows: passages(path, signal, from) };
}

interface OpenPassage {
  readonly row: number;
  readonly at: number;
  readonly lines: Buffer[];
  bytes: number;
}

async function* passages(path: string, signal: AbortSignal, from?: RowPosition): AsyncGenerator<SourceRow[]> {
  let passage: OpenPassage | undefined;
  // A passage is handed over when the next one begins, since the last one of a document is told apart.
  for await (const lines of fileLines(path, signal, from && { number: from.row, at: from.at })) {
    const rows: SourceRow[] = [];
    for (const { number, at, bytes } of lines) {
      if (bytes === undefined) {
        if (passage !== undefined) rows.push(passageRow(passage, false));
        passage = undefined;
        rows.push(badRow(number, at, rowTooLong));
        continue;
      }
      const blank = isBlank(bytes);
      if (passage !== undefined && endsBefore(passage, blank)) {
        rows.push(passageRow(passage, false));
        passage = undefined;
      }
      if (passage === undefined && blank) continue;
      passage ??= { row: number, at, lines: [], bytes: 0 };
      passage.lines.push(bytes);
      passage.bytes += bytes.length + 1;
    }
    yield rows;
  }
  if (passage !== undefined) yield [passageRow(passage, true)];
}

function endsBefore(passage: OpenPassage, blank: boolean): boolean {
  return passage.bytes >= longestPassage || (blank && passage.bytes >= passageBytes);
}

function passageRow({ row, at, lines }: OpenPassage, last: boolean): SourceRow {
  const text = decodeStrictly(Buffer.concat(lines.flatMap((line, i) => (i === 0 ? [line] : [newline, line]))));
  if (text === undefined) return badRow(row, at, notUtf8);
  const values = { text: text.replaceAll('\r', '').trimEnd() };
  return {
    row,
    content: { values },
    raw: () => JSON.stringify(values),
    position: () => ({ row, at }),
    passage: { last },
  };
}

const newline = Buffer.from('\n');
