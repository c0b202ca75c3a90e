/** Sweeps as they are kept: read without training or asking a cluster. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { isFinal, type SweepResult, type SweepSummary, type TrialOutcome } from '../contract/sweeps.ts';
import { PointStore } from '../studies/pointStore.ts';
import { AppError } from '../util/appError.ts';
import { planTrials } from './planTrials.ts';
import { readSweep, sweepFolders, trialFolder } from './sweepFolder.ts';
import { TrialBoard } from './trialBoard.ts';

/** A sweep as far as it was kept. @throws AppError FILE_NOT_FOUND, DATA_INVALID */
export async function openSweep(folder: string): Promise<SweepResult> {
  const record = await readSweep(folder);
  if (record === undefined) {
    throw new AppError('FILE_NOT_FOUND', `${folder} is not the folder of a sweep; check the path.`);
  }
  const { sweep, keys, kind, target, createdAt, updatedAt } = record;
  const store = await PointStore.open(folder);
  const trials = planTrials(sweep);
  const board = new TrialBoard(sweep, trials);
  for (const [i, { number }] of trials.entries()) {
    const key = keys[i] ?? '';
    const outcome = store.get(key) as TrialOutcome | undefined;
    if (outcome === undefined) continue;
    const run = trialFolder(folder, key);
    const isHere = await stat(path.join(run, 'run.json')).then(
      () => true,
      () => false,
    );
    board.set(number, outcome, isHere ? run : undefined);
  }
  return board.result({
    folder,
    createdAt,
    updatedAt,
    ...(kind === undefined ? {} : { kind }),
    ...(target === undefined ? {} : { target }),
  });
}

/** The sweeps of a store, the newest first. Damaged ones are left out. */
export async function listSweeps(store: string): Promise<SweepSummary[]> {
  const summaries: SweepSummary[] = [];
  for (const folder of await sweepFolders(store)) {
    const sweep = await openSweep(folder).catch(() => undefined);
    if (sweep === undefined) continue;
    const { kind, target, createdAt, trials } = sweep;
    const finished = trials.filter(({ state }) => isFinal(state)).length;
    const place = { ...(kind === undefined ? {} : { kind }), ...(target === undefined ? {} : { target }) };
    summaries.push({ folder, name: sweep.sweep.name, ...place, createdAt, trials: trials.length, finished });
  }
  return summaries.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
}
