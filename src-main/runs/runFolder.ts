/**
 * A run folder:
 *
 *     run.json        what the run is and how far it got (RunRecord with its sha256, replaced atomically)
 *     metrics.jsonl   the events of the training, one JSON object a line (runEvents.ts)
 *     samples/        held-out rows that went best and worst (validationSamples.ts)
 *     frozen.safetensors   tensors of the adapters that are not trained, for all checkpoints; only where there are any
 *     checkpoints/    step-000024/ and so on, each with a copy of run.json (checkpoints.ts)
 *     run.lock        there while a process works on the run (runLock.ts)
 *
 * Plain files, no tensors: the engine writes them, the main process lists and shows them.
 */
import { createHash } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { RunRecord } from '../contract/training.ts';
import { AppError } from '../util/appError.ts';
import { makeFolder, writeError, writeFileAtomic } from '../util/fsAtomic.ts';
import { parseJson } from '../util/jsonDepth.ts';
import { mostRunFileBytes, readTextAtMost } from '../util/readAtMost.ts';
import { openNewestCheckpoint } from './checkpoints.ts';
import { isLeftover } from './runLock.ts';
import { runRecordSchema } from './runRecord.schema.ts';

const recordName = 'run.json';

/**
 * Makes the folder of a new run, or takes an empty one, or one that holds nothing but what a killed process left before
 * its run began; the run begins when its `run.json` is written.
 * @returns whether the folder was made
 * @throws AppError TARGET_EXISTS when the folder is there and not empty; NOT_WRITABLE, DISK_FULL
 */
export async function prepareRunFolder(folder: string): Promise<boolean> {
  let made: string | undefined;
  let present: string[];
  try {
    made = await makeFolder(folder);
    present = await readdir(folder);
  } catch (error) {
    throw writeError(folder, error);
  }
  if (!present.every(isLeftover)) {
    throw new AppError('TARGET_EXISTS', `The folder ${folder} is not empty; choose another folder for the run.`);
  }
  return made !== undefined;
}

/** Replaces `run.json`. @throws AppError NOT_WRITABLE, DISK_FULL */
export async function writeRun(folder: string, record: RunRecord): Promise<void> {
  await writeFileAtomic(path.join(folder, recordName), textOf(record));
}

/** Puts a copy of the record among the files of a checkpoint, from which a damaged `run.json` is restored. */
export async function copyRecord(checkpoint: string, record: RunRecord): Promise<void> {
  await writeFile(path.join(checkpoint, recordName), textOf(record));
}

/** @throws AppError RUN_INVALID when the folder is not a run, or damaged without a sound copy, or of a newer version */
export async function readRun(folder: string): Promise<RunRecord> {
  return (await readRunOrCopy(folder)).record;
}

/**
 * The record of a run; where `run.json` is damaged or missing, the copy in the newest sound checkpoint.
 * @returns with `fault` what is wrong with `run.json` when the copy was taken
 * @throws AppError RUN_INVALID as {@link readRun}
 */
export async function readRunOrCopy(
  folder: string,
): Promise<{ readonly record: RunRecord; readonly fault: AppError | undefined }> {
  try {
    return { record: await readRecord(folder), fault: undefined };
  } catch (fault) {
    const copy = await readCopy(folder);
    if (copy === undefined || !(fault instanceof AppError)) throw fault;
    return { record: copy, fault };
  }
}

async function readCopy(folder: string): Promise<RunRecord | undefined> {
  try {
    const { checkpoint } = await openNewestCheckpoint(folder);
    const copy = await readRecord(checkpoint.folder);
    const { step, best } = checkpoint.state;
    return { ...copy, state: copy.state === 'done' ? 'done' : 'stopped', step, best, last: { step } };
  } catch {
    return undefined;
  }
}

function textOf(record: RunRecord): string {
  return `${JSON.stringify({ ...record, checksum: checksumOf(record) }, null, 2)}\n`;
}

function checksumOf(record: object): string {
  return createHash('sha256').update(JSON.stringify(record)).digest('hex');
}

/** @param folder of a run, or a checkpoint with its copy */
async function readRecord(folder: string): Promise<RunRecord> {
  const file = path.join(folder, recordName);
  let text: string;
  try {
    text = await readTextAtMost(file, mostRunFileBytes);
  } catch (error) {
    if (error instanceof RangeError) {
      throw new AppError('RUN_INVALID', `${file} is damaged: ${error.message}.`, { cause: error });
    }
    throw new AppError('RUN_INVALID', `${folder} is not a run: ${recordName} is missing or cannot be read.`, {
      cause: error,
    });
  }
  let content: unknown;
  try {
    content = parseJson(text);
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
  if (!isUnchanged(content)) {
    throw new AppError(
      'RUN_INVALID',
      `${file} is damaged: its content does not match its checksum; if you changed it yourself, delete its line "checksum".`,
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

/** Runs of earlier versions, and those that somebody changed on purpose, have no checksum. */
function isUnchanged(content: unknown): boolean {
  if (typeof content !== 'object' || content === null || !('checksum' in content)) return true;
  const { checksum, ...record } = content;
  return checksum === checksumOf(record);
}
