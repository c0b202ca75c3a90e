import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunRecord } from '../contract/training.ts';
import { openCheckpoint, type SharedFiles } from '../runs/checkpoints.ts';
import { readRun } from '../runs/runFolder.ts';
import { AppError } from '../util/appError.ts';

/** By its role, or by its step. */
export type CheckpointChoice = 'best' | 'last' | number;

export interface RunCheckpoint {
  readonly run: string;
  readonly record: RunRecord;
  readonly step: number;
  /** Folder of the checkpoint, its files checked. */
  readonly folder: string;
  readonly shared?: SharedFiles | undefined;
}

/** What a MODEL|RUN argument names: a model, or the checkpoint of a run together with its base model. */
export interface ModelOrRun {
  readonly modelPath: string;
  readonly checkpoint: RunCheckpoint | undefined;
}

/**
 * @param choice which checkpoint of a run; the best falls back to the last where nothing was evaluated
 * @throws AppError RUN_INVALID, CHECKPOINT_DAMAGED
 */
export async function resolveModelOrRun(path: string, choice: CheckpointChoice = 'best'): Promise<ModelOrRun> {
  const isRun = await stat(join(path, 'run.json')).then(
    () => true,
    () => false,
  );
  if (!isRun) return { modelPath: path, checkpoint: undefined };
  const checkpoint = await chooseCheckpoint(path, choice);
  return { modelPath: checkpoint.record.model.path, checkpoint };
}

/**
 * The checkpoint of a run.
 * @throws AppError RUN_INVALID when it is no run or has saved nothing yet, CHECKPOINT_DAMAGED
 */
export async function chooseCheckpoint(run: string, choice: CheckpointChoice): Promise<RunCheckpoint> {
  const record = await readRun(run);
  const step =
    typeof choice === 'number' ? choice : ((choice === 'best' ? record.best?.step : undefined) ?? record.last?.step);
  if (step === undefined) {
    throw new AppError('RUN_INVALID', `The run ${run} has saved no checkpoint yet; let it train until its first one.`);
  }
  const { folder, shared } = await openCheckpoint(run, step);
  return { run, record, step, folder, shared };
}
