import type { HomeContents, SampleProject } from '../../src-main/contract/routes.ts';
import type { Client } from '../bridge/client.ts';
import type { JobsState, KnownJob } from './jobs.svelte.ts';
import { isOpen } from './jobs.svelte.ts';
import type { ProjectState } from './project.svelte.ts';
import { Resource } from './resource.svelte.ts';

/** Samples, recent models and runs; opens a sample, fetching its model first where it is not at hand. */
export class HomeState {
  readonly contents = new Resource<HomeContents>();
  /** The sample that is to be opened when its model has come. */
  wanted = $state<SampleProject['id']>();
  readonly #client: Client;
  readonly #jobs: JobsState;
  readonly #project: ProjectState;

  constructor(client: Client, jobs: JobsState, project: ProjectState) {
    this.#client = client;
    this.#jobs = jobs;
    this.#project = project;
  }

  /** The download that runs, also one begun before this window was loaded. */
  get fetching(): KnownJob | undefined {
    const job = this.#jobs.latest('model.fetchSample');
    return job !== undefined && isOpen(job) ? job : undefined;
  }

  async refresh(): Promise<void> {
    await this.contents.load(async () => this.#client.call('workspace.home', {}), { keep: true });
  }

  /**
   * Opens a sample and gives true, or begins the download of its model, waits for it, and opens it then.
   * Rejects with AppFailure when the download fails or is cancelled.
   */
  async open(sample: SampleProject): Promise<void> {
    this.wanted = sample.id;
    try {
      if (sample.model === undefined) {
        const jobId =
          this.fetching?.id ?? (await this.#jobs.start('model.fetchSample', { id: 'smollm2-135m-instruct' }));
        await this.#jobs.finished(jobId);
        await this.refresh();
      }
      // Another sample may have been asked for while this one was on its way.
      if (this.wanted === sample.id) await this.#project.openSample(sample.id);
    } finally {
      if (this.wanted === sample.id) this.wanted = undefined;
    }
  }

  async cancelFetching(): Promise<void> {
    this.wanted = undefined;
    if (this.fetching !== undefined) await this.#jobs.control(this.fetching.id, 'cancel');
  }
}
