import type { HeldOutRow } from '../contract/data.ts';
import type { DataConfig } from '../contract/requests.schema.ts';
import { messagesBeforeLastAnswer, questionOf, referencesOf, type Example } from './example.ts';
import { readRunRows } from './runRows.ts';

/** Characters of a plain text that serve as its prompt. */
const beginning = 160;

/**
 * The first rows that a run was evaluated on, as questions with their answers.
 * @throws AppError as reading the data does
 */
export async function heldOutRows(
  data: DataConfig,
  seed: number,
  count: number,
  signal: AbortSignal,
): Promise<HeldOutRow[]> {
  const { validation } = await readRunRows(data, seed, signal);
  return validation.slice(0, count).map(asQuestion);
}

function asQuestion(example: Example): HeldOutRow {
  const { row } = example;
  if (example.kind === 'text') {
    const text = example.text.slice(0, beginning);
    // Cut between words, where there are any.
    const end = example.text.length > beginning ? text.lastIndexOf(' ') : -1;
    const question = end > 0 ? text.slice(0, end) : text;
    return { row, question, answer: example.text.slice(question.length) };
  }
  const answer = referencesOf(example)[0] ?? '';
  const question = questionOf(example) ?? '';
  if (example.kind === 'prompt') return { row, question, answer };
  const messages = messagesBeforeLastAnswer(example.messages);
  return { row, question: messages.at(-1)?.content ?? question, messages, answer };
}
