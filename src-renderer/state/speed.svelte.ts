import type { SpeedState as Speed } from '../../src-main/contract/speed.ts';
import type { Client } from '../bridge/client.ts';
import { Resource } from './resource.svelte.ts';

/** What was measured of the speed of this computer, followed while it is shown. */
export class SpeedState {
  readonly state = new Resource<Speed>();
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Reads and listens; gives back what ends the listening. */
  follow(): () => void {
    const stop = this.#client.on('speed.changed', (state) => (this.state.value = state));
    void this.state.load(async () => this.#client.call('speed.get', {}), { keep: true });
    return stop;
  }

  /** @throws AppFailure RUN_BUSY while the engine is at work; CANCELLED when something else was asked for */
  async measure(): Promise<void> {
    this.state.value = await this.#client.call('speed.measure', {});
  }
}
