import path from 'node:path';
import { taskFacts, type Contamination } from '../../contract/tasks.ts';
import { bareText } from '../../data/sameText.ts';
import type { Task, TaskRow } from './task.ts';

/** Prompts that a run was trained on. */
export interface TrainedPrompts {
  readonly file: string;
  readonly prompts: readonly string[];
}

/**
 * How many questions of a task a run has been trained on, punctuation and case aside, and what is known of the task.
 * @param trained undefined for a model as it is, or where the training file cannot be read any more
 * @returns undefined where nothing speaks against the result
 */
export function contaminationOf(
  task: Task,
  rows: readonly TaskRow[],
  trained: TrainedPrompts | undefined,
): Contamination | undefined {
  if (trained === undefined) return task.contamination === undefined ? undefined : { note: task.contamination };
  const { title } = taskFacts[task.name];
  const file = path.basename(trained.file);
  const seen = new Set(trained.prompts.map(bareText));
  const rowsSeen = rows.filter((row) => seen.has(bareText(row.prompt))).length;
  if (rowsSeen > 0) {
    const share = `${String(rowsSeen)} of the ${String(rows.length)} questions are among the rows of ${file} that the run was trained on`;
    return {
      rowsSeen,
      note: `${title} is contaminated: ${share}; the result does not show what the model has learnt.`,
    };
  }
  if (task.contamination === undefined) return undefined;
  return { rowsSeen, note: `${task.contamination} None of the questions is among the training rows of ${file}.` };
}
