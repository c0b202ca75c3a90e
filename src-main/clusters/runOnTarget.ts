/** A sweep on a cluster: uploads, a job for Ray Tune, and what comes back while it runs. */
import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import type { ControlAction } from '../contract/engine.ts';
import type { TargetCall } from '../contract/targets.schema.ts';
import type { Sweep } from '../contract/sweeps.schema.ts';
import type { SweepEvent, SweepResult, TrialOutcome } from '../contract/sweeps.ts';
import type { TrainEvent } from '../contract/training.ts';
import { PointStore } from '../studies/pointStore.ts';
import { planTrials, type ReadyTrial } from '../sweeps/planTrials.ts';
import { beginSweep, writeSweep, type SweepRecord } from '../sweeps/sweepFolder.ts';
import { TrialBoard } from '../sweeps/trialBoard.ts';
import { trialKeys } from '../sweeps/trialKey.ts';
import { AppError, throwIfCancelled } from '../util/appError.ts';
import { isoTime, type Clock } from '../util/clock.ts';
import { Dashboard } from './dashboard.ts';
import { DriverLog, withChanges } from './driverLog.ts';
import type { DriverLine } from './driverLine.schema.ts';
import { engineBundle, type BundlePlaces } from './engineBundle.ts';
import { failureWords } from './fileJob.ts';
import { followJob, usualPatience, type FollowPatience } from './followJob.ts';
import { ensurePackage } from './packages.ts';
import { sendUploads } from './sendUploads.ts';
import { planUploads, type PlannedUploads } from './uploads.ts';

export interface ClusterServices {
  readonly clock: Clock;
  readonly bundle: BundlePlaces;
  readonly patience?: FollowPatience;
}

export interface ClusterContext {
  readonly signal: AbortSignal;
  emit(event: SweepEvent): void;
  takeControls(): ControlAction[];
  /** Every event of a run; asked for where there is one trial. */
  readonly onTrainEvent?: (event: TrainEvent) => void;
  /** Called when it returns before everything is done. @param goesOn whether a job is still at work on it */
  readonly onLeave?: (goesOn: boolean) => void;
}

export interface ClusterSweep {
  readonly sweep: Sweep;
  readonly folder: string;
  readonly target: TargetCall;
  readonly kind: 'sweep' | 'run';
}

/** Jobs in a row that end without a step done before it is given up. */
const idleAttempts = 3;
/** Times that Ray Tune starts a trial again, each time from its last checkpoint. */
const failuresOfTrial = 4;

/** Name of a sweep on the cluster, made once: two desktops and two folders never share checkpoints. */
export function remoteName({ sweep, createdAt }: SweepRecord, folder: string): string {
  const hash = createHash('sha256').update(`${folder}\0${createdAt}`).digest('hex');
  return `${sweep.name}-${hash.slice(0, 10)}`;
}

/**
 * Runs what is left of a sweep on a cluster, or follows the job that is at work on it already. A job that was killed is
 * started again; trials go on from their checkpoints in the target's storage.
 * @returns the sweep as it stands when the job has ended, or when the person leaves it to itself
 * @throws AppError SETTINGS_INVALID, TARGET_UNREACHABLE, TARGET_REFUSED, TARGET_UNFIT, TRIAL_FAILED; CANCELLED with the
 *   job going on
 */
export async function runOnTarget(
  request: ClusterSweep,
  services: ClusterServices,
  context: ClusterContext,
): Promise<SweepResult> {
  const { signal, emit } = context;
  const { sweep, folder, target, kind } = request;
  const { clock } = services;
  const trials = planTrials(sweep);
  emit({ event: 'phase', phase: 'loading' });
  const keys = await trialKeys(trials, signal);
  const store = await PointStore.open(folder);
  const place = { target: target.target.name, ...(kind === 'run' ? { kind } : {}) };
  let record = await beginSweep(folder, sweep, keys, place, isoTime(clock));
  const remote = remoteName(record, await realpath(folder));
  const progress = new ClusterProgress(sweep, trials, keys, store, context);
  const result = (): SweepResult =>
    progress.board.result({ folder, ...place, createdAt: record.createdAt, updatedAt: isoTime(clock) });
  emit({ event: 'sweep', result: result() });
  const dashboard = await Dashboard.open(target, signal);
  try {
    let idle = 0;
    const found = await knownJob(dashboard, record);
    let submitted = found?.id;
    let wasOver = found?.over === true;
    while (submitted !== undefined || !progress.settled) {
      throwIfCancelled(signal);
      if (submitted === undefined) {
        const id = `sara-${remote}-${record.jobs.length + 1}`;
        // Kept before it is sent: a job that was sent unseen is found again by this name.
        record = { ...record, jobs: [...record.jobs, id], updatedAt: isoTime(clock) };
        await writeSweep(folder, record);
        await submit(dashboard, { ...request, id, remote, trials, keys, progress }, services, context);
        submitted = id;
      }
      const steps = progress.steps;
      const log = new DriverLog((line) => progress.take(line));
      const end = await followJob(
        dashboard,
        submitted,
        log,
        {
          signal,
          takeControls: () => context.takeControls(),
          note: (text) => emit({ event: 'note', text }),
          onState: (state) => {
            if (state === 'PENDING') emit({ event: 'phase', phase: 'queued' });
          },
        },
        services.patience ?? usualPatience,
      );
      await progress.kept();
      submitted = undefined;
      const earlier = wasOver;
      wasOver = false;
      if (end.end === 'left') {
        context.onLeave?.(!end.stopped);
        break;
      }
      if (end.end === 'paused') {
        emit({ event: 'paused' });
        if ((await nextControl(context)) === 'stop') {
          context.onLeave?.(false);
          break;
        }
        emit({ event: 'continued' });
        continue;
      }
      if (earlier) {
        // It has told what it had; what it could not do, or was stopped at, is done now.
        progress.tryAgain();
        continue;
      }
      if (end.end === 'ended' && end.job.status === 'SUCCEEDED') break;
      if (end.end === 'ended' && end.job.status === 'STOPPED') {
        emit({ event: 'note', text: `The job was stopped on ${target.target.name}; started again, it goes on.` });
        context.onLeave?.(false);
        break;
      }
      if (progress.failure !== undefined) throw new AppError('TARGET_UNFIT', progress.failure);
      const reason = end.end === 'gone' ? 'the cluster does not know it any more' : failureWords(end.job.message);
      idle = progress.steps > steps ? 0 : idle + 1;
      if (idle >= idleAttempts) {
        const words = log.words.trim().split('\n').at(-1);
        throw new AppError(
          'TRIAL_FAILED',
          `The job on ${target.target.name} ended ${idle} times without a step (${words ?? reason}): see its output in the dashboard, then start again; it goes on from the last checkpoints.`,
        );
      }
      emit({
        event: 'note',
        text: `The job on ${target.target.name} ended (${reason}); a new one goes on from the last checkpoints.`,
      });
    }
    if (kind === 'run') throwFailure(progress.board.outcome(1));
    return result();
  } finally {
    dashboard.close();
  }
}

/** The last job of the sweep where the cluster still knows it: at work, or over while nobody listened. */
async function knownJob(
  dashboard: Dashboard,
  { jobs }: SweepRecord,
): Promise<{ readonly id: string; readonly over: boolean } | undefined> {
  const id = jobs.at(-1);
  const job = id === undefined ? undefined : await dashboard.job(id);
  if (id === undefined || job === undefined) return undefined;
  return { id, over: job.status !== 'PENDING' && job.status !== 'RUNNING' };
}

async function nextControl({ signal, takeControls }: ClusterContext): Promise<'stop' | 'continue'> {
  for (;;) {
    throwIfCancelled(signal);
    const actions = takeControls();
    if (actions.includes('stop')) return 'stop';
    if (actions.includes('continue')) return 'continue';
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function throwFailure({ state, error }: TrialOutcome): void {
  if (state !== 'failed') return;
  throw new AppError(
    error?.code === 'NON_FINITE' ? 'NON_FINITE' : 'TRIAL_FAILED',
    error?.message ?? 'The training on the cluster failed without a reason.',
  );
}

interface Submission extends ClusterSweep {
  readonly id: string;
  readonly remote: string;
  readonly trials: readonly ReadyTrial[];
  readonly keys: readonly string[];
  readonly progress: ClusterProgress;
}

async function submit(
  dashboard: Dashboard,
  submission: Submission,
  services: ClusterServices,
  { emit, signal }: ClusterContext,
): Promise<void> {
  const { id, target, trials, sweep, kind } = submission;
  const { storage } = target.target;
  const bundle = await ensurePackage(dashboard, await engineBundle(services.bundle), true);
  const planned = await planUploads(trials, signal);
  const { sentBytes, knownBytes } = await sendUploads(
    dashboard,
    bundle.address,
    storage,
    planned,
    emit,
    signal,
    services.patience?.look,
  );
  if (planned.bytes > 0) {
    emit({ event: 'note', text: `Uploaded ${megabytes(sentBytes)}; ${megabytes(knownBytes)} were there already.` });
  }
  const plan = { 'plan.json': Buffer.from(JSON.stringify(planOf(submission, planned))) };
  const { address } = await ensurePackage(dashboard, plan, true);
  emit({ event: 'phase', phase: 'queued' });
  await dashboard.submit({
    id,
    entrypoint: 'python -u -m sara_driver plan.json',
    workingFolder: address,
    modules: [bundle.address],
    metadata: { app: 'sara-studio', kind, name: sweep.name, trials: String(trials.length) },
  });
}

/** What the driver is given. */
function planOf(
  { target, sweep, kind, remote, trials, keys, progress }: Submission,
  { uploads }: PlannedUploads,
): object {
  return {
    id: remote,
    storage: target.target.storage,
    resources: sweep.resources,
    stopping: sweep.stopping,
    failures: failuresOfTrial,
    /** Every event of a run comes back; of a sweep the losses. */
    events: kind === 'run',
    uploads,
    known: progress.settledOutcomes(),
    trials: trials.map(({ config }, i) => ({ key: keys[i], steps: config.steps ?? 0, config })),
  };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Outcomes as the driver tells them; finished ones are kept. */
class ClusterProgress {
  readonly board: TrialBoard;
  /** What the driver itself could not do. */
  failure: string | undefined;
  /** Changes whenever something was trained. */
  steps = 0;
  readonly #keys: readonly string[];
  readonly #store: PointStore;
  readonly #context: ClusterContext;
  #writing: Promise<void> = Promise.resolve();

  constructor(
    sweep: Sweep,
    trials: readonly ReadyTrial[],
    keys: readonly string[],
    store: PointStore,
    context: ClusterContext,
  ) {
    this.board = new TrialBoard(sweep, trials);
    this.#keys = keys;
    this.#store = store;
    this.#context = context;
    keys.forEach((key, i) => {
      const known = store.get(key) as TrialOutcome | undefined;
      if (known !== undefined) this.board.set(i + 1, known);
    });
    this.board.takeChanged();
  }

  get settled(): boolean {
    return this.#keys.every((_, i) => this.board.settled(i + 1));
  }

  settledOutcomes(): [number, TrialOutcome][] {
    return this.#keys.flatMap((_, i): [number, TrialOutcome][] =>
      this.board.settled(i + 1) ? [[i + 1, this.board.outcome(i + 1)]] : [],
    );
  }

  /** Trials that failed for the cluster's sake wait again. */
  tryAgain(): void {
    this.#keys.forEach((_, i) => {
      const { error: _gone, ...outcome } = this.board.outcome(i + 1);
      if (outcome.state !== 'failed' || isLasting(this.board.outcome(i + 1))) return;
      this.board.set(i + 1, { ...outcome, state: 'waiting' });
    });
    const changed = this.board.takeChanged();
    if (changed.length > 0) this.#context.emit({ event: 'trials', changed });
  }

  take({ t = [], e = [], note, failure, begun }: DriverLine): void {
    const { emit, onTrainEvent } = this.#context;
    if (failure !== undefined) this.failure = failure;
    if (note !== undefined) emit({ event: 'note', text: note });
    if (begun !== undefined) emit({ event: 'phase', phase: 'training' });
    for (const [number, changes] of t) {
      const before = this.board.outcome(number);
      const outcome = withChanges(before, changes);
      // A new job tells again what the one before it has told.
      if (isDeepStrictEqual(outcome, before)) continue;
      if (outcome.step > before.step) this.steps += 1;
      this.board.set(number, outcome);
      this.#keep(number, outcome);
    }
    for (const [, event] of e) onTrainEvent?.(event);
    const changed = this.board.takeChanged();
    if (changed.length > 0) emit({ event: 'trials', changed });
  }

  /** Resolves when everything finished is on the disk. @throws AppError DISK_FULL, NOT_WRITABLE */
  async kept(): Promise<void> {
    await this.#writing;
  }

  #keep(number: number, outcome: TrialOutcome): void {
    const key = this.#keys[number - 1];
    // A trial that failed for the cluster's sake is tried again next time.
    const lasting = outcome.state === 'done' || outcome.state === 'stopped' || isLasting(outcome);
    if (key === undefined || !lasting || sameOutcome(this.#store.get(key), outcome)) return;
    this.#writing = this.#writing.then(async () => this.#store.add(key, outcome));
    this.#writing.catch(() => undefined);
  }
}

function isLasting({ state, error }: TrialOutcome): boolean {
  return state === 'failed' && (error?.code === 'NON_FINITE' || error?.code === 'SETTINGS_INVALID');
}

function sameOutcome(kept: unknown, { state, evaluations }: TrialOutcome): boolean {
  const known = kept as TrialOutcome | undefined;
  return known?.state === state && JSON.stringify(known.evaluations) === JSON.stringify(evaluations);
}
