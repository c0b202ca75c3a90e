/** All jobs of this run of the app. Jobs of the compute lane run one at a time in the order they came. */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { operationLanes, type OperationEvent, type OperationInput, type OperationOutput } from '../contract/engine.ts';
import type { JobAction, JobEvent, JobKind, JobSnapshot, JobSummary } from '../contract/jobs.ts';
import type { EngineCall } from '../host/engineCall.ts';
import { AppError, cancelled, toErrorShape } from '../util/appError.ts';
import { Job, type JobInput } from './job.ts';
import { explainEnd } from './memoryEnd.ts';

/** What jobs need of the engine host. */
export interface JobEngine {
  run<K extends JobKind>(
    operation: K,
    input: OperationInput<K>,
    onEvent: (event: OperationEvent<K>) => void,
  ): EngineCall<OperationOutput<K>>;
  retireCompute(): void;
}

export interface JobsOptions {
  readonly engine: JobEngine;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Makes the folder of a new training run and gives its path. */
  readonly createRunFolder: (config: OperationInput<'train.run'>['config']) => Promise<string>;
  /** Where the points and results of studies are kept. */
  readonly studyFolder: string;
  /** The folder of a sweep, by its name. */
  readonly sweepFolder: (name: string) => string;
  /** A cluster with its token, which never becomes part of a job. */
  readonly target: (name: string) => Promise<OperationInput<'sweep.runOn'>['target']>;
  /** Takes a run folder back to which a failed training wrote nothing. */
  readonly discardRunFolder: (folder: string) => Promise<void>;
  /** Removes what an export to this place has left whose engine process ended. */
  readonly discardUnfinished: (out: string) => Promise<void>;
  /** The token that a publication is sent with; it never becomes part of a job. */
  readonly hubToken: () => Promise<string>;
  readonly onEvent: (event: JobEvent) => void;
  /** Called with every change of state, and with progress at most twice a second. */
  readonly onState: (summary: JobSummary, result: unknown) => void;
}

/** Finished jobs that are still listed. */
const finishedKept = 30;
const progressInterval = 500;

export class Jobs {
  readonly #options: JobsOptions;
  readonly #jobs = new Map<string, Job>();
  readonly #calls = new Map<string, EngineCall<unknown>>();
  /** Folders made for trainings that are under way. */
  readonly #runFolders = new Map<string, string>();
  readonly #lastProgress = new Map<string, number>();
  #idleWaiters: (() => void)[] = [];

  constructor(options: JobsOptions) {
    this.#options = options;
  }

  /**
   * Queues a job and gives its id. Asking for a download or an analysis that is under way already gives that job, so
   * that a reloaded window joins it.
   */
  start(request: JobInput): string {
    const joined = this.active().find((job) => joinable(job.request, request));
    if (joined !== undefined) return joined.id;
    const job = new Job(randomUUID(), request, this.#options.now());
    this.#jobs.set(job.id, job);
    this.#forgetOldest();
    this.#announce(job);
    this.#startNext();
    return job.id;
  }

  /** Gives false when the action makes no sense in the job's state. @throws AppError FORBIDDEN for an unknown id */
  control(id: string, action: JobAction): boolean {
    const job = this.#find(id);
    if (!job.allows(action)) return false;
    const call = this.#calls.get(id);
    if (action === 'cancel' && call === undefined) this.#finish(job, 'cancelled', {});
    else if (action === 'cancel') call?.cancel();
    else call?.control(action);
    return call !== undefined || action === 'cancel';
  }

  /** Whether something computes, or waits to. */
  get computing(): boolean {
    return this.active().some((job) => laneOf(job) === 'compute');
  }

  list(): JobSummary[] {
    return [...this.#jobs.values()].map((job) => job.summary);
  }

  /** Queued, running and paused jobs. */
  active(): Job[] {
    return [...this.#jobs.values()].filter((job) => !job.finished);
  }

  /** @throws AppError FORBIDDEN for an unknown id */
  snapshot(id: string, afterSeq: number): JobSnapshot {
    return this.#find(id).snapshot(afterSeq);
  }

  /** Asks training to stop at a checkpoint and cancels every other job. Resolves when none is active. */
  async stopAndKeepAll(): Promise<void> {
    for (const job of this.active()) this.control(job.id, job.allows('stop') ? 'stop' : 'cancel');
    await this.#whenIdle();
  }

  async cancelAll(): Promise<void> {
    for (const job of this.active()) this.control(job.id, 'cancel');
    await this.#whenIdle();
  }

  async #whenIdle(): Promise<void> {
    if (this.active().length > 0) await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
  }

  #find(id: string): Job {
    const job = this.#jobs.get(id);
    if (job === undefined)
      throw new AppError('FORBIDDEN', `There is no task ${id}; it may be from an earlier session.`);
    return job;
  }

  #startNext(): void {
    const busy = new Set(
      this.active()
        .filter((job) => job.state !== 'queued')
        .map(laneOf),
    );
    for (const job of this.active()) {
      const lane = laneOf(job);
      if (job.state !== 'queued' || (lane === 'compute' && busy.has(lane))) continue;
      busy.add(lane);
      job.begin(this.#options.now());
      this.#announce(job);
      void this.#run(job);
    }
  }

  async #run(job: Job): Promise<void> {
    try {
      const call = await this.#call(job);
      this.#calls.set(job.id, call);
      const result = await call.result;
      this.#finish(job, 'done', { result });
    } catch (error) {
      const shape = toErrorShape(error);
      const folder = this.#runFolders.get(job.id);
      if (folder !== undefined) await this.#options.discardRunFolder(folder);
      if (job.request.kind === 'export.run') await this.#options.discardUnfinished(job.request.input.out);
      if (shape.code === 'CANCELLED') this.#finish(job, 'cancelled', {});
      else this.#finish(job, 'failed', { error: explainEnd(job.request, shape) });
    } finally {
      this.#runFolders.delete(job.id);
    }
  }

  async #call(job: Job): Promise<EngineCall<unknown>> {
    const { engine, createRunFolder, studyFolder } = this.#options;
    const { request } = job;
    const onEvent = (event: JobEvent['event']): void => this.#onEvent(job, event);
    switch (request.kind) {
      case 'train.run': {
        const out = await createRunFolder(request.input.config);
        this.#runFolders.set(job.id, out);
        // It may have been cancelled while the folder was made.
        if (job.finished) throw cancelled();
        return engine.run('train.run', { ...request.input, out }, onEvent);
      }
      case 'train.runOn': {
        const { config, resources, target: name, kept } = request.input;
        const target = await this.#options.target(name);
        const out = await createRunFolder(config);
        // The run is written beside its place when it comes home: the folder only gave it a free name.
        await this.#options.discardRunFolder(out);
        if (job.finished) throw cancelled();
        const folder = this.#options.sweepFolder(kept ?? path.basename(out));
        return engine.run(request.kind, { config, resources, target, out, folder }, onEvent);
      }
      case 'train.resume':
        return engine.run(request.kind, request.input, onEvent);
      case 'model.fetchSample':
        return engine.run(request.kind, request.input, onEvent);
      case 'analysis.run':
        return engine.run(request.kind, request.input, onEvent);
      case 'evaluate.run':
        return engine.run(request.kind, request.input, onEvent);
      case 'evaluate.task':
        return engine.run(request.kind, request.input, onEvent);
      case 'data.check':
        return engine.run(request.kind, request.input, onEvent);
      case 'generate.run':
        return engine.run(request.kind, request.input, onEvent);
      case 'gates.run':
        return engine.run(request.kind, request.input, onEvent);
      case 'calibrate.run':
        return engine.run(request.kind, request.input, onEvent);
      case 'adapter.compress':
        return engine.run(request.kind, request.input, onEvent);
      case 'export.run':
        // What an export to this place has left whose processes were killed together with the app.
        await this.#options.discardUnfinished(request.input.out);
        if (job.finished) throw cancelled();
        return engine.run(request.kind, request.input, onEvent);
      case 'study.run':
        return engine.run(request.kind, { ...request.input, store: studyFolder }, onEvent);
      case 'sweep.run': {
        const folder = this.#options.sweepFolder(request.input.sweep.name);
        return engine.run(request.kind, { ...request.input, folder }, onEvent);
      }
      case 'sweep.runOn': {
        const { sweep, target: name } = request.input;
        const target = await this.#options.target(name);
        if (job.finished) throw cancelled();
        return engine.run(request.kind, { sweep, target, folder: this.#options.sweepFolder(sweep.name) }, onEvent);
      }
      case 'export.verify':
        return engine.run(request.kind, request.input, onEvent);
      case 'publish.run': {
        const token = await this.#options.hubToken();
        if (job.finished) throw cancelled();
        return engine.run(request.kind, { ...request.input, token }, onEvent);
      }
    }
  }

  #onEvent(job: Job, event: JobEvent['event']): void {
    const now = this.#options.now();
    const before = job.state;
    const numbered = job.record(event, now);
    if (numbered === undefined) return;
    this.#options.onEvent(numbered);
    const due = now - (this.#lastProgress.get(job.id) ?? 0) >= progressInterval;
    if (job.state !== before || due) this.#announce(job);
  }

  #finish(job: Job, state: 'done' | 'failed' | 'cancelled', outcome: Parameters<Job['end']>[2]): void {
    job.end(state, this.#options.now(), outcome);
    this.#calls.delete(job.id);
    this.#announce(job);
    this.#lastProgress.delete(job.id);
    // TensorFlow keeps what it once allocated; only the end of its process gives the memory of a training back.
    if (job.leavesMemory && !this.computing) this.#options.engine.retireCompute();
    this.#startNext();
    if (this.active().length > 0) return;
    for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }

  #announce(job: Job): void {
    this.#lastProgress.set(job.id, this.#options.now());
    this.#options.onState(job.summary, job.result);
  }

  #forgetOldest(): void {
    const finished = [...this.#jobs.values()].filter((job) => job.finished);
    for (const job of finished.slice(0, -finishedKept)) this.#jobs.delete(job.id);
  }
}

function laneOf(job: Job): 'light' | 'compute' {
  return operationLanes[job.request.kind];
}

function joinable(running: JobInput, asked: JobInput): boolean {
  const repeatable = asked.kind === 'model.fetchSample' || asked.kind === 'analysis.run';
  return repeatable && isDeepStrictEqual(running, asked);
}
