import type { DataCheck } from '../../src-main/contract/dataCheck.ts';
import type { ProgressEvent } from '../../src-main/contract/results.ts';
import type { DataConfig } from '../../src-main/contract/requests.schema.ts';
import type { Client } from '../bridge/client.ts';
import { Debounced } from './debounced.ts';
import type { JobsState } from './jobs.svelte.ts';
import { Resource } from './resource.svelte.ts';

/** Rows up to which a data set is checked without being asked to. */
const rowsCheckedAtOnce = 5_000;
const quietMilliseconds = 700;

export interface CheckSubject {
  readonly model: string;
  readonly data: DataConfig;
  readonly sequenceLength: number;
  readonly seed: number;
  readonly rows: number;
}

/** What is wrong with the rows of the data, looked for by itself where they are few. */
export class DataCheckState {
  readonly answer = new Resource<DataCheck>();
  progress = $state.raw<ProgressEvent>();
  /** The settings have changed since the rows were checked. */
  outdated = $state(false);
  readonly #jobs: JobsState;
  readonly #client: Client;
  readonly #later = new Debounced(quietMilliseconds, () => void this.run());
  #subject: CheckSubject | undefined;
  #key = '';
  #jobId: string | undefined;

  constructor(client: Client, jobs: JobsState) {
    this.#client = client;
    this.#jobs = jobs;
  }

  /** Takes what is to be checked, or nothing. */
  show(subject: CheckSubject | undefined): void {
    const key = subject === undefined ? '' : keyOf(subject);
    const other = subject?.data.path !== this.#subject?.data.path;
    this.#subject = subject;
    if (key === this.#key) return;
    this.#key = key;
    this.#later.cancel();
    if (other || subject === undefined) {
      void this.cancel();
      this.answer.clear();
      this.outdated = false;
    } else if (this.answer.value !== undefined || this.answer.busy) this.outdated = true;
    if (subject !== undefined && subject.rows <= rowsCheckedAtOnce) this.#later.call();
  }

  async run(): Promise<void> {
    const subject = this.#subject;
    if (subject === undefined) return;
    await this.cancel();
    const { model, data, sequenceLength, seed } = subject;
    this.outdated = false;
    this.progress = undefined;
    await this.answer.load(
      async () => {
        const jobId = await this.#jobs.start('data.check', { model, data, sequenceLength, seed });
        this.#jobId = jobId;
        const stop = this.#jobs.follow<'data.check'>(jobId, (event) => (this.progress = event));
        try {
          return await this.#jobs.finished<'data.check'>(jobId);
        } finally {
          stop();
          if (this.#jobId === jobId) this.#jobId = undefined;
        }
      },
      { keep: true },
    );
  }

  async cancel(): Promise<void> {
    const jobId = this.#jobId;
    this.#jobId = undefined;
    if (jobId !== undefined) await this.#jobs.control(jobId, 'cancel');
  }

  /** Where a row is in the list of usable rows; undefined where it is not among them. */
  async placeOf(row: number): Promise<number | undefined> {
    const data = this.#subject?.data;
    if (data === undefined) return undefined;
    const { path, mapping } = data;
    const { index } = await this.#client.call('data.place', { path, row, ...(mapping ? { mapping } : {}) });
    return index ?? undefined;
  }
}

/** Rules do not count: a check shows what they would settle. */
function keyOf({ model, data, sequenceLength, seed }: CheckSubject): string {
  const { drop: _drop, move: _move, dropRows: _rows, skipBadRows: _skip, ...rest } = data;
  return JSON.stringify([model, rest, sequenceLength, seed]);
}
