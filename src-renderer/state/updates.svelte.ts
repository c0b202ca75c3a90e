import type { UpdateState } from '../../src-main/contract/updates.ts';
import type { Client } from '../bridge/client.ts';

type Route = 'updates.check' | 'updates.download' | 'updates.cancel';

/** Newer versions of the app, as the main process knows of them. */
export class UpdatesState {
  state = $state.raw<UpdateState>({ state: 'idle' });
  /** Called when a newer version was found. */
  onfound: (version: string) => void = () => undefined;
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Listens and reads what is known; gives back what ends the listening. */
  async begin(): Promise<() => void> {
    const stop = this.#client.on('updates.changed', (state) => this.#take(state));
    this.#take(await this.#client.call('updates.get', {}));
    return stop;
  }

  /** Asks the server, downloads what it has, or ends the download; how it goes comes as changes. */
  async ask(route: Route): Promise<void> {
    this.#take(await this.#client.call(route, {}));
  }

  #take(state: UpdateState): void {
    const found = state.state === 'available' && this.state.state !== 'available';
    this.state = state;
    if (found) this.onfound(state.version);
  }
}
