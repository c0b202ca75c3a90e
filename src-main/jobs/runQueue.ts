/**
 * Trainings that wait for their turn: one after the other, in an order that can be changed, kept on disk. The queue
 * starts the next one as a job when nothing else computes; what a job does is none of its business.
 */
import type { ErrorCode } from '../contract/errors.ts';
import type { JobSummary } from '../contract/jobs.ts';
import type { QueueOutcome, QueueState } from '../contract/queue.ts';
import type { QueuedTraining, QueueEntry, QueueFile } from '../contract/queue.schema.ts';

export interface RunQueueOptions {
  /** The file: its content, and how it is replaced. */
  readonly store: { readonly value: QueueFile; set(value: QueueFile): Promise<void> };
  /** Starts a training and gives the id of its job. */
  readonly start: (request: QueuedTraining) => string;
  /** Whether the engine has nothing to compute now. */
  readonly isIdle: () => boolean;
  /** What is left to do of a run that was cut off: to go on from a checkpoint, to begin anew, or nothing. */
  readonly fate: (run: string) => Promise<RunFate>;
  readonly newId: () => string;
  readonly now: () => Date;
  readonly onChange: (state: QueueState) => void;
  readonly warn: (message: string) => void;
}

export type RunFate = 'resume' | 'anew' | 'over';

/** Faults that would end every further training too. */
const holding: ReadonlySet<ErrorCode> = new Set(['DISK_FULL', 'NOT_WRITABLE', 'BACKEND_MISSING', 'ENGINE_STOPPED']);
const ended = ['done', 'failed', 'cancelled'] as const;

export class RunQueue {
  readonly #options: RunQueueOptions;
  readonly #outcomes = new Map<string, ((outcome: QueueOutcome) => void)[]>();
  #waiting: readonly QueueEntry[] = [];
  #running: { readonly entry: QueueEntry; readonly jobId: string; readonly run: string | undefined } | undefined;
  #held: Pick<QueueState, 'held' | 'heldBecause'> = { held: false };
  #finished = 0;
  #suspended = false;

  private constructor(options: RunQueueOptions) {
    this.#options = options;
  }

  /**
   * The queue as an earlier session left it. A training that was cut off comes first: it goes on from its last
   * checkpoint, or begins anew where it has none. What waits is held until the person lets it go on.
   */
  static async open(options: RunQueueOptions): Promise<RunQueue> {
    const queue = new RunQueue(options);
    const { waiting, running } = options.store.value;
    const cutOff = running && (await continued(running, options.fate));
    queue.#waiting = cutOff === undefined ? waiting : [cutOff, ...waiting];
    if (queue.#waiting.length > 0) queue.#held = { held: true, heldBecause: 'restart' };
    return queue;
  }

  get state(): QueueState {
    const running = this.#running && { entry: this.#running.entry, jobId: this.#running.jobId };
    return {
      waiting: this.#waiting,
      ...(running === undefined ? {} : { running }),
      ...this.#held,
      finished: this.#finished,
    };
  }

  /** Puts a training at the end of the queue and gives its id there. */
  add(request: QueuedTraining, group?: QueueEntry['group']): string {
    const { newId, now } = this.#options;
    const entry = { id: newId(), request, addedAt: now().toISOString(), ...(group === undefined ? {} : { group }) };
    this.#waiting = [...this.#waiting, entry];
    this.#changed();
    this.startNext();
    return entry.id;
  }

  /** Moves a waiting training to a place, counted from 0; false when it does not wait. */
  move(id: string, to: number): boolean {
    const entry = this.#waiting.find((other) => other.id === id);
    if (entry === undefined) return false;
    const others = this.#waiting.filter((other) => other.id !== id);
    const place = Math.min(Math.max(0, to), others.length);
    this.#waiting = [...others.slice(0, place), entry, ...others.slice(place)];
    this.#changed();
    return true;
  }

  /** Takes a waiting training out; false when it does not wait. One at work is ended through its job. */
  remove(id: string): boolean {
    return this.#take((entry) => entry.id === id) > 0;
  }

  /** Takes all waiting trainings of a group out and gives their number. */
  removeGroup(group: string): number {
    return this.#take((entry) => entry.group?.id === group);
  }

  /** Holds the queue, or lets it go on. What is at work is left alone. */
  hold(held: boolean): void {
    this.#held = { held };
    this.#changed();
    this.startNext();
  }

  /** How a training of the queue ends; resolves when it does. One that the queue does not know was removed. */
  async outcome(id: string): Promise<QueueOutcome> {
    const known = this.#running?.entry.id === id || this.#waiting.some((entry) => entry.id === id);
    if (!known) return { state: 'removed' };
    return new Promise((resolve) => this.#outcomes.set(id, [...(this.#outcomes.get(id) ?? []), resolve]));
  }

  /** To be told of every change of every job. */
  follow(job: JobSummary): void {
    const running = this.#running;
    const state = ended.find((one) => one === job.state);
    if (running?.jobId !== job.id) {
      if (state !== undefined) this.#soon();
      return;
    }
    if (state === undefined) {
      if (job.run === undefined || job.run === running.run) return;
      this.#running = { ...running, run: job.run };
      this.#save();
      return;
    }
    // An app that closes ends its jobs: this one goes on after the next start.
    if (this.#suspended) return;
    this.#running = undefined;
    this.#finished += 1;
    if (job.error !== undefined && holding.has(job.error.code)) this.#held = { held: true, heldBecause: job.error };
    if (this.#waiting.length === 0) this.#finished = 0;
    this.#changed();
    const run = job.run ?? running.run;
    this.#settle(running.entry.id, {
      state,
      ...(run === undefined ? {} : { run }),
      ...(job.error === undefined ? {} : { error: job.error }),
    });
    this.#soon();
  }

  /** Starts the next one if it is its turn. */
  startNext(): void {
    const [entry, ...rest] = this.#waiting;
    if (entry === undefined || this.#running !== undefined || this.#held.held || this.#suspended) return;
    if (!this.#options.isIdle()) return;
    this.#waiting = rest;
    const { request } = entry;
    const run = request.kind === 'train.resume' ? request.input.run : undefined;
    this.#running = { entry, jobId: this.#options.start(request), run };
    this.#changed();
  }

  /** Called when the app is about to end: nothing starts any more, and what is at work stays in the file. */
  suspend(): void {
    this.#suspended = true;
  }

  /** After the present turn, in which the engine may give memory back first. */
  #soon(): void {
    setImmediate(() => this.startNext());
  }

  #take(matches: (entry: QueueEntry) => boolean): number {
    const taken = this.#waiting.filter(matches);
    if (taken.length === 0) return 0;
    this.#waiting = this.#waiting.filter((entry) => !matches(entry));
    if (this.#waiting.length === 0) this.#held = { held: false };
    this.#changed();
    for (const { id } of taken) this.#settle(id, { state: 'removed' });
    return taken.length;
  }

  #settle(id: string, outcome: QueueOutcome): void {
    for (const resolve of this.#outcomes.get(id) ?? []) resolve(outcome);
    this.#outcomes.delete(id);
  }

  #changed(): void {
    this.#save();
    this.#options.onChange(this.state);
  }

  #save(): void {
    const running = this.#running;
    const file: QueueFile = {
      version: 1,
      waiting: [...this.#waiting],
      ...(running === undefined
        ? {}
        : { running: { entry: running.entry, ...(running.run === undefined ? {} : { run: running.run }) } }),
    };
    this.#options.store
      .set(file)
      .catch((error: unknown) => this.#options.warn(`The queue could not be saved: ${String(error)}`));
  }
}

/** What is left to do of a training that was cut off. */
async function continued(
  { entry, run }: NonNullable<QueueFile['running']>,
  fate: RunQueueOptions['fate'],
): Promise<QueueEntry | undefined> {
  const left = run === undefined ? 'anew' : await fate(run);
  if (run === undefined || left === 'anew') return entry;
  return left === 'over' ? undefined : { ...entry, request: { kind: 'train.resume', input: { run } } };
}
