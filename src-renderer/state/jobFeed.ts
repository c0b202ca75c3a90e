import type { JobEvent, JobKind, JobSnapshot } from '../../src-main/contract/jobs.ts';

/**
 * Delivers the events of one job in order and each once, whatever happened to the window meanwhile: events that were
 * missed (a reload, a gap) are taken from a snapshot. Thinned series in a snapshot are taken as they are.
 */
export class JobFeed<K extends JobKind> {
  readonly #jobId: string;
  readonly #snapshot: (afterSeq: number) => Promise<JobSnapshot>;
  readonly #deliver: (event: JobEvent<K>['event']) => void;
  #last = 0;
  #waiting: JobEvent[] = [];
  #asking = false;
  #ended = false;

  constructor(
    jobId: string,
    snapshot: (afterSeq: number) => Promise<JobSnapshot>,
    deliver: (event: JobEvent<K>['event']) => void,
  ) {
    this.#jobId = jobId;
    this.#snapshot = snapshot;
    this.#deliver = deliver;
  }

  /** Brings everything that was sent before. */
  async start(): Promise<void> {
    await this.#catchUp();
  }

  take(event: JobEvent): void {
    if (this.#ended || event.jobId !== this.#jobId || event.seq <= this.#last) return;
    if (!this.#asking && event.seq === this.#last + 1) {
      this.#give(event);
      return;
    }
    this.#waiting.push(event);
    if (!this.#asking) void this.#catchUp();
  }

  end(): void {
    this.#ended = true;
    this.#waiting = [];
  }

  async #catchUp(): Promise<void> {
    this.#asking = true;
    try {
      const { events } = await this.#snapshot(this.#last);
      for (const event of [...events].sort((a, b) => a.seq - b.seq)) this.#give(event);
    } catch {
      // Without a snapshot the events at hand are still worth showing; the job's state tells of a failure.
    } finally {
      this.#asking = false;
    }
    const waiting = this.#waiting.sort((a, b) => a.seq - b.seq);
    this.#waiting = [];
    for (const event of waiting) this.#give(event);
  }

  #give(event: JobEvent): void {
    if (this.#ended || event.seq <= this.#last) return;
    this.#last = event.seq;
    this.#deliver(event.event);
  }
}
