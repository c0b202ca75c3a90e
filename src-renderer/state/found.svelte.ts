import type { FoundModels } from '../../src-main/contract/found.ts';
import type { Client } from '../bridge/client.ts';
import { Resource } from './resource.svelte.ts';

/** Models of other programs on this computer. */
export class FoundState {
  readonly models = new Resource<FoundModels>();
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Looks once; `again` looks anew. */
  async look(again = false): Promise<void> {
    if (this.models.busy || (this.models.value !== undefined && !again)) return;
    await this.models.load(async () => this.#client.call('models.find', {}), { keep: again });
    // A search that was ended is none.
    if (this.models.failure?.cancelled === true) this.models.clear();
  }

  async stop(): Promise<void> {
    if (this.models.busy) await this.#client.call('models.stopFinding', {});
  }
}
