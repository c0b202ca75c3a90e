import type { TargetInput } from '../../src-main/contract/targets.schema.ts';
import type { TargetEntry, TargetReport } from '../../src-main/contract/targets.ts';
import type { Client } from '../bridge/client.ts';
import { Resource } from './resource.svelte.ts';

/** The clusters of this person, and what the last test of one has found. */
export class TargetsState {
  readonly list = new Resource<readonly TargetEntry[]>();
  readonly report = new Resource<TargetReport>();
  /** Name of the target that was tested last. */
  tested = $state<string>();
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async read(): Promise<void> {
    if (this.list.busy) return;
    await this.list.load(async () => this.#client.call('targets.list', {}), { keep: true });
  }

  /** Adds or changes a target; rejects with AppFailure when something in it is wrong. */
  async save(target: TargetInput, token: string | undefined): Promise<void> {
    await this.#client.call('targets.save', token === undefined ? { target } : { target, token });
    await this.read();
  }

  async remove(name: string): Promise<void> {
    await this.#client.call('targets.remove', { name });
    await this.read();
  }

  async test(name: string): Promise<void> {
    this.tested = name;
    await this.report.load(async () => this.#client.call('targets.test', { name }));
  }
}
