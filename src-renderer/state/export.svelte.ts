import type { ExportRequest } from '../../src-main/contract/requests.schema.ts';
import type { ExportResult, ProgressEvent } from '../../src-main/contract/results.ts';
import { toFailure, type AppFailure } from '../bridge/appFailure.ts';
import type { Client } from '../bridge/client.ts';
import { isOpen, type JobsState } from './jobs.svelte.ts';
import type { ProjectState } from './project.svelte.ts';

export type ExportDtype = NonNullable<ExportRequest['dtype']>;

/** Merging a run into its model and writing the result. */
export class ExportState {
  state = $state<'idle' | 'busy' | 'failed' | 'done'>('idle');
  out = $state<string>();
  checkpoint = $state<ExportRequest['checkpoint']>('best');
  dtype = $state<ExportDtype>('f32');
  /** `native` keeps what cannot be merged exactly. */
  format = $state<'hf' | 'native'>('hf');
  progress = $state.raw<ProgressEvent>();
  result = $state.raw<ExportResult>();
  failure = $state.raw<AppFailure>();
  jobId = $state<string>();
  #run: string | undefined;
  readonly #client: Client;
  readonly #jobs: JobsState;
  readonly #project: ProjectState;

  constructor(client: Client, jobs: JobsState, project: ProjectState) {
    this.#client = client;
    this.#jobs = jobs;
    this.#project = project;
  }

  /** Takes the run to merge; another one than before starts anew. */
  use(run: string): void {
    if (this.#run === run) return;
    this.#run = run;
    this.format = 'hf';
    this.state = 'idle';
    this.result = undefined;
    this.failure = undefined;
    this.progress = undefined;
    this.out = undefined;
    const running = this.#jobs.latest('export.run');
    if (running && isOpen(running)) void this.#watch(running.id);
  }

  /** Lets the person choose the folder; false when they did not. */
  async chooseFolder(suggestedName: string): Promise<boolean> {
    const chosen = await this.#client.call('dialog.chooseOutput', { suggestedName });
    if (chosen === null) return false;
    this.out = chosen.path;
    return true;
  }

  /** @param freezeGates for a merge of gates that depend on the input, once its cost was accepted */
  async start(freezeGates?: ExportRequest['freezeGates']): Promise<void> {
    const { out } = this;
    const run = this.#run;
    if (run === undefined || out === undefined || this.state === 'busy') return;
    this.state = 'busy';
    this.failure = undefined;
    this.result = undefined;
    this.progress = undefined;
    try {
      const { checkpoint, dtype, format } = this;
      const frozen = freezeGates === undefined || format === 'native' ? {} : { freezeGates };
      await this.#watch(await this.#jobs.start('export.run', { run, out, format, checkpoint, dtype, ...frozen }));
    } catch (error) {
      this.#fail(toFailure(error));
    }
  }

  async cancel(): Promise<void> {
    if (this.jobId !== undefined) await this.#jobs.control(this.jobId, 'cancel');
  }

  /** Back to the choices, for another format or folder. */
  again(): void {
    if (this.state === 'busy') return;
    this.state = 'idle';
    this.result = undefined;
    this.failure = undefined;
    this.out = undefined;
  }

  async openFolder(): Promise<void> {
    if (this.result) await this.#client.call('shell.openFolder', { path: this.result.out });
  }

  async #watch(jobId: string): Promise<void> {
    const run = this.#run;
    this.jobId = jobId;
    this.state = 'busy';
    const stop = this.#jobs.follow<'export.run'>(jobId, (event) => (this.progress = event));
    try {
      const result = await this.#jobs.finished<'export.run'>(jobId);
      if (this.#run !== run) return;
      this.result = result;
      this.state = 'done';
      this.#project.setExported(result.out);
    } catch (error) {
      if (this.#run === run) this.#fail(toFailure(error));
    } finally {
      stop();
      if (this.jobId === jobId) this.jobId = undefined;
    }
  }

  #fail(failure: AppFailure): void {
    this.state = 'idle';
    if (failure.cancelled) return;
    this.failure = failure;
    this.state = 'failed';
  }
}
