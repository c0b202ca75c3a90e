import type { Calibration } from '../../src-main/contract/gates.ts';
import type { ExportRequest } from '../../src-main/contract/requests.schema.ts';
import type { Client } from '../bridge/client.ts';
import type { JobsState } from './jobs.svelte.ts';
import { Resource } from './resource.svelte.ts';

type Checkpoint = ExportRequest['checkpoint'];

/** Freezing the gates of Mo-SARA at their means: over which rows, at what cost, and whether that was accepted. */
export class FrozenGatesState {
  /** A file to average over; undefined for the held-out rows of the run. */
  data = $state<string>();
  maxRows = $state(64);
  accepted = $state(false);
  readonly answer = new Resource<Calibration>();
  #run: string | undefined;
  #checkpoint: Checkpoint = 'best';
  #jobId: string | undefined;
  readonly #client: Client;
  readonly #jobs: JobsState;

  constructor(client: Client, jobs: JobsState) {
    this.#client = client;
    this.#jobs = jobs;
  }

  /** Takes a run and a checkpoint; what was measured and accepted of another one goes. */
  use(run: string, checkpoint: Checkpoint): void {
    if (run === this.#run && checkpoint === this.#checkpoint) return;
    this.#run = run;
    this.#checkpoint = checkpoint;
    this.forget();
  }

  /** Other rows were chosen: what was measured counts no longer. */
  forget(): void {
    this.accepted = false;
    this.answer.clear();
  }

  setMaxRows(rows: number): void {
    this.maxRows = rows;
    this.forget();
  }

  async chooseData(): Promise<void> {
    const chosen = await this.#client.call('dialog.openData', {});
    if (chosen === null) return;
    this.data = chosen.path;
    this.forget();
  }

  useHeldOut(): void {
    this.data = undefined;
    this.forget();
  }

  async measure(): Promise<void> {
    const run = this.#run;
    if (run === undefined || this.answer.busy) return;
    this.accepted = false;
    const { maxRows } = this;
    const checkpoint = this.#checkpoint;
    await this.answer.load(async () => {
      this.#jobId = await this.#jobs.start('calibrate.run', { run, maxRows, checkpoint, ...this.#rows });
      return await this.#jobs.finished<'calibrate.run'>(this.#jobId);
    });
    this.#jobId = undefined;
  }

  async cancel(): Promise<void> {
    if (this.#jobId !== undefined) await this.#jobs.control(this.#jobId, 'cancel');
  }

  /** What the export is asked; undefined until the cost was measured and accepted. */
  get request(): ExportRequest['freezeGates'] {
    const { value } = this.answer;
    if (value === undefined || !this.accepted) return undefined;
    return { ...this.#rows, maxRows: this.maxRows, acceptKl: acceptedKl(value.kl) };
  }

  get #rows(): { data?: string } {
    return this.data === undefined ? {} : { data: this.data };
  }
}

/** The export measures again: the last digits of the same sum may differ, anything more may not. */
export function acceptedKl(measured: number): number {
  return measured * 1.001 + 1e-9;
}
