import type { EngineOperations } from '../../src-main/contract/engine.ts';
import type { JobAction, JobEvent, JobKind, JobSummary } from '../../src-main/contract/jobs.ts';
import type { RouteInput } from '../../src-main/contract/routes.ts';
import type { Client } from '../bridge/client.ts';
import { AppFailure } from '../bridge/appFailure.ts';
import { JobFeed } from './jobFeed.ts';
import { jobTitle } from '../../src-main/contract/jobTitle.ts';

export type JobInput<K extends JobKind> = Extract<RouteInput<'jobs.start'>, { kind: K }>['input'];
export type JobOutput<K extends JobKind> = EngineOperations[K]['output'];
export type JobSignal<K extends JobKind> = EngineOperations[K]['event'];

/** A job as the window knows it. */
export interface KnownJob extends JobSummary {
  /** What the operation gave, once it is done. */
  readonly result?: unknown;
}

interface Waiter {
  readonly done: (result: unknown) => void;
  readonly failed: (failure: AppFailure) => void;
}

const open = new Set<JobSummary['state']>(['queued', 'running', 'paused']);

export function isOpen(job: Pick<JobSummary, 'state'>): boolean {
  return open.has(job.state);
}

/** The jobs of the engine: started from here or before this window was loaded. */
export class JobsState {
  list = $state.raw<readonly KnownJob[]>([]);
  readonly #client: Client;
  readonly #feeds = new Map<string, Set<{ take(event: JobEvent): void }>>();
  readonly #waiters = new Map<string, Waiter[]>();
  /** Called once when a job leaves the open states. */
  onfinished: ((job: KnownJob) => void) | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Jobs that are not over, the one that works first. */
  get open(): readonly KnownJob[] {
    const rank = { running: 0, paused: 1, queued: 2, done: 3, failed: 3, cancelled: 3 };
    return this.list.filter(isOpen).sort((a, b) => rank[a.state] - rank[b.state] || a.startedAt - b.startedAt);
  }

  find(jobId: string): KnownJob | undefined {
    return this.list.find((job) => job.id === jobId);
  }

  /** The newest job of these kinds. */
  latest(...kinds: readonly JobKind[]): KnownJob | undefined {
    return this.list.filter((job) => kinds.includes(job.kind)).sort((a, b) => b.startedAt - a.startedAt)[0];
  }

  /** Listens and takes over what already runs; gives back what ends the listening. */
  async begin(): Promise<() => void> {
    const stops = [
      this.#client.on('job.event', (event) => this.#event(event)),
      this.#client.on('job.state', (job) => this.#state(job)),
    ];
    for (const job of await this.#client.call('jobs.list', {})) {
      if (this.find(job.id) === undefined) this.#put(job);
    }
    return () => stops.forEach((stop) => stop());
  }

  /** Starts a job and gives its id; rejects with AppFailure when it is refused. */
  async start<K extends JobKind>(kind: K, input: JobInput<K>): Promise<string> {
    // The pair of kind and input is the schema's own; TypeScript cannot follow it through the generic.
    const { jobId } = await this.#client.call('jobs.start', { kind, input } as RouteInput<'jobs.start'>);
    return jobId;
  }

  async control(jobId: string, action: JobAction): Promise<boolean> {
    return (await this.#client.call('jobs.control', { jobId, action })).accepted;
  }

  /**
   * Delivers every event of a job in order, from its first on, also after a reload. Gives back what ends it.
   */
  follow<K extends JobKind>(jobId: string, deliver: (event: JobSignal<K>) => void): () => void {
    const feed = new JobFeed<K>(
      jobId,
      async (afterSeq) => this.#client.call('jobs.snapshot', { jobId, afterSeq }),
      deliver,
    );
    const feeds = this.#feeds.get(jobId) ?? new Set();
    feeds.add(feed);
    this.#feeds.set(jobId, feeds);
    void feed.start();
    return () => {
      feed.end();
      feeds.delete(feed);
    };
  }

  /** The output of a job once it is done; rejects with AppFailure when it failed or was cancelled. */
  async finished<K extends JobKind>(jobId: string): Promise<JobOutput<K>> {
    const job = this.find(jobId);
    if (job?.state === 'done' && job.result === undefined) {
      // Known from the list of a window loaded later: the result is in the snapshot.
      return (await this.#client.call('jobs.snapshot', { jobId, afterSeq: 0 })).result as JobOutput<K>;
    }
    if (job !== undefined && !isOpen(job)) return settle(job) as JobOutput<K>;
    return new Promise((resolve, reject) => {
      const waiters = this.#waiters.get(jobId) ?? [];
      waiters.push({ done: (result) => resolve(result as JobOutput<K>), failed: reject });
      this.#waiters.set(jobId, waiters);
    });
  }

  #event(event: JobEvent): void {
    for (const feed of this.#feeds.get(event.jobId) ?? []) feed.take(event);
  }

  #state(job: KnownJob): void {
    const before = this.find(job.id);
    this.#put(job);
    if (isOpen(job) || (before !== undefined && !isOpen(before))) return;
    const waiters = this.#waiters.get(job.id) ?? [];
    this.#waiters.delete(job.id);
    for (const waiter of waiters) {
      try {
        waiter.done(settle(job));
      } catch (error) {
        waiter.failed(error as AppFailure);
      }
    }
    this.onfinished?.(job);
  }

  #put(job: KnownJob): void {
    this.list = [job, ...this.list.filter((other) => other.id !== job.id)].slice(0, 50);
  }
}

function settle(job: KnownJob): unknown {
  if (job.state === 'done') return job.result;
  throw new AppFailure(
    job.error ?? { code: job.state === 'cancelled' ? 'CANCELLED' : 'INTERNAL', message: jobTitle(job, 'en') },
  );
}
