import { taskFacts } from '../../contract/tasks.ts';
import { findPlace, openSource } from '../../data/openSource.ts';
import { AppError } from '../../util/appError.ts';
import { RowFault, type Task, type TaskRow } from './task.ts';

/**
 * The questions of a task in a file. Rows of a text task that share a prompt are one question with all their references.
 * @throws AppError DATA_INVALID naming the first row that is not one of the task, and how such a row looks;
 * FILE_NOT_FOUND, FILE_UNREADABLE, CANCELLED
 */
export async function readTaskRows(file: string, task: Task, signal: AbortSignal): Promise<readonly TaskRow[]> {
  const rows: TaskRow[] = [];
  for await (const some of openSource(await findPlace(file, signal), signal).rows) {
    for (const { row, content } of some) {
      if (content.values === undefined) throw wrongRow(file, task, row, content.problem);
      try {
        rows.push({ row, ...task.read(content.values) });
      } catch (error) {
        if (error instanceof RowFault) throw wrongRow(file, task, row, `${error.message}.`);
        throw error;
      }
    }
  }
  if (rows.length === 0)
    throw new AppError('DATA_INVALID', `${file} has no rows; choose the file of ${taskFacts[task.name].title}.`);
  return task.kind === 'text' ? byPrompt(rows) : rows;
}

function wrongRow(file: string, task: Task, row: number, reason: string): AppError {
  const { title, format } = taskFacts[task.name];
  return new AppError(
    'DATA_INVALID',
    `Row ${String(row)} of ${file} is not one of ${title}: ${reason} Rows look like ${format}.`,
  );
}

function byPrompt(rows: readonly TaskRow[]): TaskRow[] {
  const groups = new Map<string, TaskRow>();
  for (const row of rows) {
    const before = groups.get(row.prompt);
    groups.set(row.prompt, before === undefined ? row : { ...before, wanted: [...before.wanted, ...row.wanted] });
  }
  return [...groups.values()].map((row) => ({ ...row, wanted: [...new Set(row.wanted)] }));
}
