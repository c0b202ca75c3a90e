import type { HubAccount, PublishResult } from '../../src-main/contract/hub.ts';
import type { ProgressEvent } from '../../src-main/contract/results.ts';
import { toFailure, type AppFailure } from '../bridge/appFailure.ts';
import type { Client } from '../bridge/client.ts';
import type { JobsState } from './jobs.svelte.ts';
import { Resource } from './resource.svelte.ts';

/** Publishing of one export on the hub. Nothing is asked of the hub before the person starts it. */
export class PublishingState {
  /** Whether there is a token; the token itself never comes back here. */
  readonly account = new Resource<HubAccount>();
  state = $state<'idle' | 'busy' | 'done'>('idle');
  progress = $state.raw<ProgressEvent>();
  result = $state.raw<PublishResult>();
  failure = $state.raw<AppFailure>();
  /** The export that this is about. */
  path = $state<string>();
  #jobId: string | undefined;
  readonly #client: Client;
  readonly #jobs: JobsState;

  constructor(client: Client, jobs: JobsState) {
    this.#client = client;
    this.#jobs = jobs;
  }

  get jobId(): string | undefined {
    return this.#jobId;
  }

  /** Turns to an export; what was said of another one goes. */
  about(path: string): void {
    if (this.path === path || this.state === 'busy') return;
    this.path = path;
    this.state = 'idle';
    this.result = undefined;
    this.failure = undefined;
    this.progress = undefined;
  }

  async readAccount(): Promise<void> {
    await this.account.load(async () => this.#client.call('hub.account', {}), { keep: true });
  }

  /** Hands the token over to be kept. */
  async saveToken(token: string): Promise<void> {
    await this.account.load(async () => this.#client.call('hub.saveToken', { token }), { keep: true });
  }

  async forgetToken(): Promise<void> {
    await this.account.load(async () => this.#client.call('hub.forgetToken', {}), { keep: true });
  }

  async start(repo: string, isPrivate: boolean): Promise<void> {
    const { path } = this;
    if (path === undefined || this.state === 'busy') return;
    this.state = 'busy';
    this.failure = undefined;
    this.result = undefined;
    this.progress = undefined;
    let stop: () => void = () => undefined;
    try {
      const jobId = await this.#jobs.start('publish.run', { path, repo, private: isPrivate });
      this.#jobId = jobId;
      stop = this.#jobs.follow<'publish.run'>(jobId, (event) => (this.progress = event));
      this.result = await this.#jobs.finished<'publish.run'>(jobId);
      this.state = 'done';
    } catch (error) {
      const failure = toFailure(error);
      this.failure = failure.cancelled ? undefined : failure;
      this.state = 'idle';
    } finally {
      stop();
      this.#jobId = undefined;
    }
  }

  async cancel(): Promise<void> {
    if (this.#jobId !== undefined) await this.#jobs.control(this.#jobId, 'cancel');
  }
}
