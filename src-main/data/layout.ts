import type { ColumnMapping } from '../contract/data.ts';
import type { ChatMessage } from '../contract/model.ts';
import type { Example } from './example.ts';
import { kindOf } from './sourceRow.ts';

type Values = Readonly<Record<string, unknown>>;
type PromptColumns = Exclude<ColumnMapping, { readonly text: string }>;

/** Columns of prompt and completion that are known without being told, the commonest first. */
const promptColumns: readonly PromptColumns[] = [
  { prompt: 'prompt', completion: 'completion' },
  { prompt: 'prompt', completion: 'response' },
  { prompt: 'question', completion: 'answer' },
  { prompt: 'mr', completion: 'ref' },
  { prompt: 'mr', completion: 'refs' },
  { prompt: 'instruction', completion: 'response' },
  { prompt: 'input', completion: 'output' },
  { prompt: 'source', completion: 'target' },
];
/** Columns that may hold a list of equally good answers. */
const listColumns: ReadonlySet<string> = new Set(['refs', 'references']);
const conversationColumns = ['messages', 'conversations'] as const;

/** How the rows of one file are understood. */
export type RowReader =
  | { readonly layout: 'prompt'; readonly columns: PromptColumns; readonly mapped: boolean }
  | { readonly layout: 'instruction' }
  | { readonly layout: 'messages'; readonly column: string }
  | { readonly layout: 'text'; readonly column?: string };

/** The reader of columns that the person has named. */
export function mappedReader(mapping: ColumnMapping): RowReader {
  return mapping.text === undefined
    ? { layout: 'prompt', columns: mapping, mapped: true }
    : { layout: 'text', column: mapping.text };
}

/** The columns that a mapping names. */
export function mappedColumns(mapping: ColumnMapping): readonly string[] {
  const columns = mapping.text === undefined ? [mapping.prompt, mapping.context, mapping.completion] : [mapping.text];
  return columns.filter((column) => column !== undefined);
}

export const expectedColumns =
  'messages; prompt and completion; question and answer; instruction (with input) and output; or text';

/**
 * The layout that fits the most of the given rows by their columns; of several that fit equally, the most specific.
 * Undefined when none fits any row.
 */
export function findLayout(rows: readonly Values[]): RowReader | undefined {
  const candidates: RowReader[] = [
    ...conversationColumns.map((column) => ({ layout: 'messages', column }) as const),
    { layout: 'instruction' },
    ...promptColumns.map((columns) => ({ layout: 'prompt', columns, mapped: false }) as const),
    { layout: 'text' },
  ];
  let best: RowReader | undefined;
  let most = 0;
  for (const candidate of candidates) {
    const needed = columnsNeeded(candidate);
    const fitting = rows.filter((row) => needed.every((column) => Object.hasOwn(row, column))).length;
    if (fitting > most) {
      most = fitting;
      best = candidate;
    }
  }
  return best;
}

function columnsNeeded(reader: RowReader): readonly string[] {
  switch (reader.layout) {
    case 'messages':
      return [reader.column];
    case 'instruction':
      return ['instruction', 'output'];
    case 'prompt':
      return [reader.columns.prompt, reader.columns.completion];
    case 'text':
      return ['text'];
  }
}

/** What is wrong with a row, one sentence. Thrown inside this file only. */
class RowFault extends Error {}

/** The example of a row, or the reason why there is none. */
export function readExample(
  row: number,
  values: Values,
  reader: RowReader,
  passage?: { readonly last: boolean },
): Example | { readonly problem: string } {
  try {
    switch (reader.layout) {
      case 'messages':
        return { kind: 'messages', row, messages: conversation(values, reader.column) };
      case 'instruction':
        return { kind: 'prompt', row, prompt: instruction(values), completion: answer(values, 'output', false) };
      case 'prompt':
        return promptExample(row, values, reader);
      case 'text': {
        const text = textOf(values, reader.column ?? 'text', reader.column !== undefined);
        if (text.trim() === '') throw new RowFault('The text is empty.');
        return { kind: 'text', row, text, ...(passage === undefined ? {} : { passage }) };
      }
    }
  } catch (error) {
    if (error instanceof RowFault) return { problem: error.message };
    throw error;
  }
}

function promptExample(row: number, values: Values, reader: RowReader & { layout: 'prompt' }): Example {
  const { columns, mapped } = reader;
  const prompt = withContext(textOf(values, columns.prompt, mapped), values, columns.context, mapped);
  const listed = listColumns.has(columns.completion) ? values[columns.completion] : undefined;
  if (!Array.isArray(listed)) {
    return { kind: 'prompt', row, prompt, completion: answer(values, columns.completion, mapped) };
  }
  const references = listed.map((item, i) => checkText(item, `“${columns.completion}”, item ${i + 1},`, false));
  const completion = references[0];
  if (completion === undefined || references.some((text) => text.trim() === '')) {
    throw new RowFault(`The column “${columns.completion}” holds an empty answer.`);
  }
  return { kind: 'prompt', row, prompt, completion, references };
}

/** Instruction and, where there is one, the input below it (as in Alpaca). */
function instruction(values: Values): string {
  return withContext(textOf(values, 'instruction', false), values, 'input', false);
}

/** A prompt and, where the row has one, what a further column holds, with a blank line between. */
function withContext(prompt: string, values: Values, column: string | undefined, mapped: boolean): string {
  const given = column !== undefined && Object.hasOwn(values, column) && values[column] !== null;
  const context = given ? textOf(values, column, mapped) : '';
  return context.trim() === '' ? prompt : `${prompt}\n\n${context}`;
}

function answer(values: Values, column: string, mapped: boolean): string {
  const text = textOf(values, column, mapped);
  if (text.trim() === '') throw new RowFault(`The column “${column}” is empty, so there is nothing to learn.`);
  return text;
}

function textOf(values: Values, column: string, mapped: boolean): string {
  if (!Object.hasOwn(values, column)) throw new RowFault(`The column “${column}” is missing.`);
  return checkText(values[column], `The column “${column}”`, mapped);
}

/** Numbers and truth values count as text only in columns that the person has chosen. */
function checkText(value: unknown, what: string, mapped: boolean): string {
  if (mapped && (typeof value === 'number' || typeof value === 'boolean')) return String(value);
  if (typeof value !== 'string') throw new RowFault(`${what} holds ${kindOf(value)}, not text.`);
  if (/\p{Surrogate}/u.test(value)) throw new RowFault(`${what} holds half of a character (a lone surrogate).`);
  return value;
}

const roles: ReadonlyMap<unknown, ChatMessage['role']> = new Map([
  ['system', 'system'],
  ['user', 'user'],
  ['human', 'user'],
  ['assistant', 'assistant'],
  ['gpt', 'assistant'],
]);

/** A list of `{role, content}` or of `{from, value}`. */
function conversation(values: Values, column: string): readonly ChatMessage[] {
  const list = Object.hasOwn(values, column) ? values[column] : undefined;
  if (!Array.isArray(list)) throw new RowFault(`The column “${column}” holds ${kindOf(list)}, not a list of turns.`);
  const messages = list.map((turn: unknown, i): ChatMessage => {
    if (typeof turn !== 'object' || turn === null) {
      throw new RowFault(`Turn ${i + 1} is ${kindOf(turn)}, not an object with role and content.`);
    }
    const fields = turn as Values;
    const name = Object.hasOwn(fields, 'role') ? fields['role'] : fields['from'];
    const role = roles.get(name);
    if (role === undefined) {
      const found = typeof name === 'string' ? `the role “${name}”` : 'no role';
      throw new RowFault(`Turn ${i + 1} has ${found}; expected system, user or assistant.`);
    }
    const content = checkText(
      Object.hasOwn(fields, 'content') ? fields['content'] : fields['value'],
      `Turn ${i + 1}`,
      false,
    );
    if (role === 'assistant' && content.trim() === '') throw new RowFault(`Turn ${i + 1}, an answer, is empty.`);
    return { role, content };
  });
  if (!messages.some((message) => message.role === 'assistant')) {
    throw new RowFault('The conversation has no answer (assistant turn) to learn from.');
  }
  return messages;
}
