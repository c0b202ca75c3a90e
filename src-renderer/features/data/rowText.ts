import type { PreviewRow, PreviewToken } from '../../../src-main/contract/data.ts';

/** Tokens of a row that carry loss. */
export function lossCount(row: PreviewRow): number {
  return row.tokens.reduce((count, token) => count + (token.loss ? 1 : 0), 0);
}

/** Columns that say what a row is about, the likeliest first. */
const telling = ['prompt', 'instruction', 'question', 'messages', 'conversations', 'text'];

/**
 * A line that tells one row from another: the prompt of the row as it is in the file.
 * @param column the column that holds the prompt, where the person said so
 */
export function excerptOf(row: PreviewRow, column?: string): string {
  const value = parsed(row.raw);
  const text =
    typeof value === 'object' && value !== null ? (promptOf(value, column) ?? firstText(value)) : firstText(value);
  return (text ?? row.raw).replace(/\s+/g, ' ').trim().slice(0, 160);
}

function promptOf(row: object, column: string | undefined): string | undefined {
  const columns = new Map(Object.entries(row));
  for (const name of column === undefined ? telling : [column]) {
    const text = firstText(columns.get(name));
    if (text !== undefined) return text;
  }
  return undefined;
}

function parsed(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return raw;
  }
}

function firstText(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value;
  if (typeof value !== 'object' || value === null) return undefined;
  if ('role' in value && 'content' in value && value.role !== 'user') return undefined;
  if ('role' in value && 'content' in value) return firstText(value.content);
  for (const part of Object.values(value)) {
    const text = firstText(part);
    if (text !== undefined) return text;
  }
  return undefined;
}

export interface Field {
  readonly name: string;
  readonly text: string;
}

/** The columns of a row as they are in the file; undefined when the row is not an object. */
export function fieldsOf(raw: string): readonly Field[] | undefined {
  const value = parsed(raw);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.entries(value).map(([name, part]) => ({
    name,
    text: typeof part === 'string' ? part : JSON.stringify(part, null, 2),
  }));
}

export interface TokenPiece {
  readonly loss: boolean;
  readonly text: string;
}

/** Neighbouring tokens with the same mark as one piece, for reading aloud. */
export function piecesOf(tokens: readonly PreviewToken[]): readonly TokenPiece[] {
  const pieces: { loss: boolean; text: string }[] = [];
  for (const token of tokens) {
    const last = pieces[pieces.length - 1];
    if (last?.loss === token.loss) last.text += token.text;
    else pieces.push({ loss: token.loss, text: token.text });
  }
  return pieces;
}

/** Special tokens are written like `<|im_end|>` or `</s>`. */
export function isSpecial(text: string): boolean {
  return /^<[^\s<>]+>$/.test(text);
}

/** What is drawn for a token: line breaks and tabs get a sign of their own. */
export function drawn(text: string): string {
  return text.replace(/\n/g, '↵\n').replace(/\t/g, '⇥');
}
