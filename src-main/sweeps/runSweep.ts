/** A sweep on this machine: one training after the other, in the order of their numbers. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { OperationContext } from '../contract/engine.ts';
import type { SweepRunRequest } from '../contract/sweeps.schema.ts';
import type { SweepEvent, SweepResult, TrialOutcome } from '../contract/sweeps.ts';
import type { TrainEvent } from '../contract/training.ts';
import { openModel } from '../models/open.ts';
import { readEvents } from '../runs/runEvents.ts';
import { readRun } from '../runs/runFolder.ts';
import { PointStore } from '../studies/pointStore.ts';
import { resumeTraining, startTraining } from '../training/train.ts';
import type { TrainEnvironment } from '../training/trainEnvironment.ts';
import { AppError, throwIfCancelled } from '../util/appError.ts';
import { isoTime, type Clock } from '../util/clock.ts';
import { followTrial } from './followTrial.ts';
import { planTrials, type ReadyTrial } from './planTrials.ts';
import { beginSweep, trialFolder } from './sweepFolder.ts';
import { TrialBoard } from './trialBoard.ts';
import { trialKeys } from './trialKey.ts';

export interface SweepServices {
  readonly clock: Clock;
  /** Loads TensorFlow; only asked for when something has to be trained. @throws AppError BACKEND_MISSING */
  environment(): Promise<TrainEnvironment>;
}

type Context = Pick<OperationContext<SweepEvent>, 'signal' | 'emit'>;

/** Milliseconds between two messages about steps. */
const stepInterval = 250;

/**
 * Runs what is left of a sweep. Finished trials are known by their keys and never trained again; a trial that was cut
 * off goes on from its last checkpoint.
 * @throws AppError SETTINGS_INVALID, CANCELLED with everything finished kept, and as trainings do
 */
export async function runSweep(
  { sweep, folder, maxNewTrials = Infinity }: SweepRunRequest,
  services: SweepServices,
  { signal, emit }: Context,
): Promise<SweepResult> {
  const { clock } = services;
  const trials = planTrials(sweep);
  emit({ event: 'phase', phase: 'loading' });
  const keys = await trialKeys(trials, signal);
  const store = await PointStore.open(folder);
  const record = await beginSweep(folder, sweep, keys, {}, isoTime(clock));
  const board = new TrialBoard(sweep, trials);
  trials.forEach(({ number }, i) => {
    const known = store.get(keys[i] ?? '') as TrialOutcome | undefined;
    if (known !== undefined) board.set(number, known, trialFolder(folder, keys[i] ?? ''));
  });
  const result = (): SweepResult => board.result({ folder, createdAt: record.createdAt, updatedAt: isoTime(clock) });
  emit({ event: 'sweep', result: result() });
  board.takeChanged();
  let left = maxNewTrials;
  for (const [i, trial] of trials.entries()) {
    if (board.settled(trial.number)) continue;
    if (left-- <= 0) break;
    throwIfCancelled(signal);
    const key = keys[i] ?? '';
    const outcome = await runTrial(trial, trialFolder(folder, key), board, services, { signal, emit });
    await store.add(key, outcome);
    board.set(trial.number, outcome, trialFolder(folder, key));
    emit({ event: 'trials', changed: board.takeChanged() });
  }
  return result();
}

/** Trains one trial to its end, or to the rung at which it falls behind. */
async function runTrial(
  trial: ReadyTrial,
  run: string,
  board: TrialBoard,
  { clock, environment }: SweepServices,
  { signal, emit }: Context,
): Promise<TrialOutcome> {
  const { number } = trial;
  const fallenBehind = (): boolean => board.verdict(number).kind === 'stop';
  const begun = clock.now();
  let told = -Infinity;
  const started = await resumable(run);
  board.set(number, { ...(started ?? board.outcome(number)), state: 'running' });
  const context: OperationContext<TrainEvent> = {
    signal,
    emit(event) {
      if (event.event === 'phase') emit(event.phase === 'preparing' ? event : { ...event, text: `trial ${number}` });
      if (event.event === 'note') emit({ event: 'note', text: `Trial ${number}: ${event.text}` });
      // The end is told once, with the time it took.
      if (event.event === 'done') return;
      const before = board.outcome(number);
      const outcome = followTrial(before, event);
      if (outcome === before) return;
      board.set(number, outcome);
      const now = clock.now();
      if (event.event === 'step' && now - told < stepInterval) return;
      told = now;
      emit({ event: 'trials', changed: board.takeChanged() });
    },
    takeControls: () => (fallenBehind() ? ['stop'] : []),
  };
  try {
    const needs = await environment();
    if (started !== undefined) await resumeTraining(run, openModel, needs, context);
    else await train(trial, run, needs, context);
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined) throw error;
    return { ...board.outcome(number), state: 'failed', error: failure, seconds: (clock.now() - begun) / 1000 };
  }
  const { error: _none, ...outcome } = board.outcome(number);
  const state = fallenBehind() ? 'stopped' : 'done';
  return { ...outcome, state, seconds: (started?.seconds ?? 0) + (clock.now() - begun) / 1000 };
}

async function train(
  { config }: ReadyTrial,
  run: string,
  environment: TrainEnvironment,
  context: OperationContext<TrainEvent>,
): Promise<void> {
  // What an attempt left that had not come to its first checkpoint.
  await rm(run, { recursive: true, force: true });
  const model = await openModel(path.resolve(config.model), context.signal);
  try {
    await startTraining(model, config, run, environment, context);
  } finally {
    await model.close();
  }
}

/** What a run that was cut off has given until its last checkpoint; undefined where there is none to go on from. */
async function resumable(run: string): Promise<TrialOutcome | undefined> {
  const record = await readRun(run).catch(() => undefined);
  if (record === undefined || record.last === null) return undefined;
  const nothing: TrialOutcome = { state: 'waiting', step: 0, totalSteps: record.totalSteps, evaluations: [] };
  const outcome = (await readEvents(run, Number.MAX_SAFE_INTEGER)).reduce(followTrial, nothing);
  const { repeatedSteps: _first, ...rest } = outcome;
  return rest;
}

/** What the settings of a trial lead to, wherever it runs; undefined for what another attempt may not meet. */
function failureOf(error: unknown): TrialOutcome['error'] {
  if (!(error instanceof AppError)) return undefined;
  const { code, message } = error;
  return code === 'NON_FINITE' || code === 'SETTINGS_INVALID' ? { code, message } : undefined;
}
