import type { RunSummary } from '../../src-main/contract/routes.ts';
import type { RunNotes } from '../../src-main/contract/runNotes.schema.ts';
import type { RunRecord, RunState } from '../../src-main/contract/training.ts';
import type { Client } from '../bridge/client.ts';
import { isOpen, type JobsState } from './jobs.svelte.ts';
import { Resource } from './resource.svelte.ts';
import { replay } from './run.svelte.ts';
import type { RunLog } from './runLog.svelte.ts';

export type ShownState = RunState | 'interrupted';

export interface OpenRun {
  readonly path: string;
  readonly record: RunRecord;
  readonly notes: RunNotes;
  readonly log: RunLog;
}

/** The runs of the workspace and the one that is looked at. */
export class RunsState {
  readonly list = new Resource<readonly RunSummary[]>();
  readonly opened = new Resource<OpenRun>();
  readonly #client: Client;
  readonly #jobs: JobsState;

  constructor(client: Client, jobs: JobsState) {
    this.#client = client;
    this.#jobs = jobs;
  }

  async read(): Promise<void> {
    await this.list.load(async () => this.#client.call('runs.list', {}), { keep: true });
  }

  async open(path: string): Promise<void> {
    await this.opened.load(async () => {
      const { record, notes, events } = await this.#client.call('run.open', { run: path });
      return { path, record, notes, log: replay(record, events) };
    });
  }

  close(): void {
    this.opened.clear();
  }

  async delete(path: string): Promise<void> {
    await this.#client.call('workspace.deleteRun', { run: path });
    if (this.opened.value?.path === path) this.close();
    await this.read();
  }

  /** A run that says it runs although nothing trains was cut off. */
  stateOf({ record }: RunSummary): ShownState {
    const working = this.#jobs.latest('train.run', 'train.resume');
    const claims = record.state === 'created' || record.state === 'running' || record.state === 'paused';
    return claims && !(working && isOpen(working)) ? 'interrupted' : record.state;
  }

  canResume(run: RunSummary): boolean {
    const state = this.stateOf(run);
    return state === 'interrupted' || state === 'stopped' || state === 'failed';
  }
}
