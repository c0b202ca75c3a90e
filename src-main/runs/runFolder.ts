/**
 * A run folder:
 *
 *     run.json        what the run is and how far it got (RunRecord, replaced atomically)
 *     metrics.jsonl   the events of the training, one JSON object a line (runEvents.ts)
 *     checkpoints/    step-000024/ and so on (checkpoints.ts)
 *     run.lock        there while a process works on the run (runLock.ts)
 *
 * Plain files, no tensors: the engine writes them, the main process lists and shows them.
 */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { RunRecord } from '../contract/training.ts';
import { AppError } from '../util/appError.ts';
import { writeError, writeFileAtomic } from '../util/fsAtomic.ts';
import { runRecordSchema } from './runRecord.schema.ts';

const recordName = 'run.json';

/**
 * Makes the folder of a new run, or takes an empty one; the run begins when its `run.json` is written.
 * @returns whether the folder was made
 * @throws AppError TARGET_EXISTS when the folder is there and not empty; NOT_WRITABLE, DISK_FULL
 */
export async function prepareRunFolder(folder: string): Promise<boolean> {
  let made: string | undefined;
  let present: string[];
  try {
    made = await mkdir(folder, { recursive: true });
    present = await readdir(folder);
  } catch (error) {
    throw writeError(folder, error);
  }
  if (present.length > 0) {
    throw new AppError('TARGET_EXISTS', `The folder ${folder} is not empty; choose another folder for the run.`);
  }
  return made !== undefined;
}

/** Replaces `run.json`. @throws AppError NOT_WRITABLE, DISK_FULL */
export async function writeRun(folder: string, record: RunRecord): Promise<void> {
  await writeFileAtomic(path.join(folder, recordName), `${JSON.stringify(record, null, 2)}\n`);
}

/** @throws AppError RUN_INVALID when the folder is not a run or its `run.json` is damaged or of a newer version */
export async function readRun(folder: string): Promise<RunRecord> {
  const file = path.join(folder, recordName);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new AppError('RUN_INVALID', `${folder} is not a run: ${recordName} is missing or cannot be read.`, {
      cause: error,
    });
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new AppError('RUN_INVALID', `${file} is damaged: it is not valid JSON.`, { cause: error });
  }
  const version = z.object({ version: z.number() }).safeParse(content);
  if (version.success && version.data.version > 1) {
    throw new AppError(
      'RUN_INVALID',
      `${file} was written by a newer version of SARA Studio (format ${String(version.data.version)}, this one reads 1); update the app.`,
    );
  }
  const parsed = runRecordSchema.safeParse(content);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new AppError(
      'RUN_INVALID',
      `${file} is damaged: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a run record'}.`,
    );
  }
  return parsed.data;
}

/** The runs directly inside a folder, the last used first. What is not a sound run is left out; a missing folder is empty. */
export async function listRuns(directory: string): Promise<{ readonly path: string; readonly record: RunRecord }[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const runs: { path: string; record: RunRecord }[] = [];
  for (const entry of entries) {
    if (!entry.isDirectory()) continue;
    const folder = path.join(directory, entry.name);
    const record = await readRun(folder).catch(() => undefined);
    if (record) runs.push({ path: folder, record });
  }
  return runs.sort((a, b) => (a.record.updatedAt < b.record.updatedAt ? 1 : -1));
}
