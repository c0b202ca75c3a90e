import type { TaskName } from '../../contract/tasks.ts';

/** Values of one row of a file, by column. */
export type RowValues = Readonly<Record<string, unknown>>;

/** A question of a task. */
export interface TaskRow {
  /** As RowProblem counts it. */
  readonly row: number;
  readonly prompt: string;
  /** The right answer in the form that `answerIn` gives; of a text task every reference. */
  readonly wanted: readonly string[];
  /** The possible answers, where they are given with the question. */
  readonly choices?: readonly string[];
}

interface TaskBase {
  /** Its title, format and sample stand in `taskFacts`. */
  readonly name: TaskName;
  /** Longest answer in tokens. */
  readonly maxNewTokens: number;
  /** What is known of training files that hold rows of this task. */
  readonly contamination?: string;
  /** @throws RowFault when the row is not one of this task */
  read(values: RowValues): Omit<TaskRow, 'row'>;
}

/** Answers are right or wrong. */
export interface AnswerTask extends TaskBase {
  readonly kind: 'numbers' | 'choices';
  /** One sentence: how an answer is found in a generated text and judged. */
  readonly rule: string;
  /** The answer in a generated text; undefined where there is none. */
  answerIn(text: string, row: Pick<TaskRow, 'choices'>): string | undefined;
  isRight(answer: string, wanted: string): boolean;
  /** The text by which the model would give a choice, for scoring by likelihood. */
  statement?(choice: string): string;
}

/** Answers are texts, compared with references. */
export interface TextTask extends TaskBase {
  readonly kind: 'text';
}

export type Task = AnswerTask | TextTask;

/** What is wrong with a row, one sentence without its number. */
export class RowFault extends Error {}

/** The text of a column. @throws RowFault */
export function textIn(values: RowValues, column: string): string {
  const value = Object.hasOwn(values, column) ? values[column] : undefined;
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw new RowFault(value === undefined ? `it has no “${column}”` : `its “${column}” is not a text`);
}

/**
 * The part of a generated text that answers: what follows the beginning of a next question, which models without a
 * learnt end write, does not count.
 */
export function ownAnswer(text: string): string {
  return text.split(/\n\s*(?:###(?!#)|Question:|Instruction:|Q:)/u, 1)[0] ?? '';
}
