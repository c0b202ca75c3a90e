/** One job: queued → running ⇄ paused → done | failed | cancelled. Knows nothing of processes or windows. */
import type { OperationInput } from '../contract/engine.ts';
import type { ErrorShape } from '../contract/errors.ts';
import type { JobAction, JobEvent, JobKind, JobSnapshot, JobState, JobSummary } from '../contract/jobs.ts';
import type { TrainOnJob } from '../contract/sweeps.schema.ts';
import { JobEvents, sweepEvent, trainEvent } from './jobEvents.ts';
import { JobProgress } from './jobProgress.ts';
import { jobSubject } from './jobSubject.ts';

type InputOf<K extends JobKind> = { readonly kind: K; readonly input: OperationInput<K> };
type Whole = Exclude<JobKind, 'train.run' | 'train.runOn' | 'study.run' | 'sweep.run' | 'sweep.runOn' | 'publish.run'>;
/**
 * What a job is asked to do; `out` of a training, `store` of a study, `folder` of a sweep, the token of a publication and
 * that of a cluster are filled in when the job begins.
 */
export type JobInput =
  | { [K in Whole]: InputOf<K> }[Whole]
  | { readonly kind: 'train.run'; readonly input: Omit<OperationInput<'train.run'>, 'out'> }
  | { readonly kind: 'train.runOn'; readonly input: TrainOnJob }
  | { readonly kind: 'study.run'; readonly input: Omit<OperationInput<'study.run'>, 'store'> }
  | { readonly kind: 'sweep.run'; readonly input: Omit<OperationInput<'sweep.run'>, 'folder'> }
  | {
      readonly kind: 'sweep.runOn';
      readonly input: { readonly sweep: OperationInput<'sweep.runOn'>['sweep']; readonly target: string };
    }
  | { readonly kind: 'publish.run'; readonly input: Omit<OperationInput<'publish.run'>, 'token'> };

const final: readonly JobState[] = ['done', 'failed', 'cancelled'];

export class Job {
  readonly id: string;
  readonly request: JobInput;
  readonly #events = new JobEvents();
  #progress: JobProgress;
  #summary: JobSummary;
  #result: unknown;

  constructor(id: string, request: JobInput, now: number) {
    this.id = id;
    this.request = request;
    this.#progress = new JobProgress(now);
    const run = request.kind === 'export.run' || request.kind === 'train.resume' ? { run: request.input.run } : {};
    this.#summary = { id, kind: request.kind, about: jobSubject(request), state: 'queued', startedAt: now, ...run };
  }

  get summary(): JobSummary {
    return { ...this.#summary, ...this.#progress.current };
  }

  get state(): JobState {
    return this.#summary.state;
  }

  get finished(): boolean {
    return final.includes(this.state);
  }

  get result(): unknown {
    return this.#result;
  }

  get isTraining(): boolean {
    return this.request.kind === 'train.run' || this.request.kind === 'train.resume';
  }

  /** Whether TensorFlow keeps much memory after it. */
  get leavesMemory(): boolean {
    return this.isTraining || this.request.kind === 'study.run' || this.request.kind === 'sweep.run';
  }

  snapshot(afterSeq: number): JobSnapshot {
    const events = this.#events.after(afterSeq);
    return { job: this.summary, events, ...(this.#result === undefined ? {} : { result: this.#result }) };
  }

  begin(now: number): void {
    if (this.state !== 'queued') return;
    this.#progress = new JobProgress(now);
    this.#summary = { ...this.#summary, state: 'running', startedAt: now };
  }

  /** Keeps an event of the operation; undefined once the job has finished. */
  record(event: JobEvent['event'], now: number): JobEvent | undefined {
    if (this.finished) return undefined;
    const numbered = this.#events.add(this.id, this.request.kind, event);
    this.#progress.follow(numbered, now);
    const train = trainEvent(numbered)?.event;
    if (train === 'paused') this.#summary = { ...this.#summary, state: 'paused' };
    if (train === 'continued') this.#summary = { ...this.#summary, state: 'running' };
    const sweep = sweepEvent(numbered)?.event;
    if (sweep === 'paused') this.#summary = { ...this.#summary, state: 'paused' };
    if (sweep === 'continued') this.#summary = { ...this.#summary, state: 'running' };
    return numbered;
  }

  /** Ends the job. A second end is ignored: the first one is the truth. */
  end(state: 'done' | 'failed' | 'cancelled', now: number, outcome: { result?: unknown; error?: ErrorShape }): void {
    if (this.finished) return;
    this.#result = outcome.result;
    const error = outcome.error === undefined ? {} : { error: outcome.error };
    this.#summary = { ...this.summary, state, finishedAt: now, ...error };
  }

  /** Whether an action makes sense in the present state; only training can be paused, stopped or saved on request. */
  allows(action: JobAction): boolean {
    if (this.finished) return false;
    if (action === 'cancel') return true;
    const elsewhere = this.request.kind === 'sweep.runOn' || this.request.kind === 'train.runOn';
    if ((!this.isTraining && !elsewhere) || this.state === 'queued') return false;
    if (elsewhere && action === 'checkpoint') return false;
    if (action === 'pause') return this.state === 'running';
    if (action === 'continue') return this.state === 'paused';
    return true;
  }
}
