import type { QueueState } from '../../src-main/contract/queue.ts';
import type { QueueEntry } from '../../src-main/contract/queue.schema.ts';
import type { RouteInput } from '../../src-main/contract/routes.ts';
import type { Client } from '../bridge/client.ts';

/** The trainings that wait for their turn, as the main process keeps them. */
export class QueueView {
  state = $state.raw<QueueState>({ waiting: [], held: false, finished: 0 });
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** True when there is nothing to show. */
  get empty(): boolean {
    return this.state.waiting.length === 0 && this.state.running === undefined;
  }

  /** Listens and reads what waits; gives back what ends the listening. */
  async begin(): Promise<() => void> {
    const before = this.state;
    const stop = this.#client.on('queue.changed', (state) => (this.state = state));
    const state = await this.#client.call('queue.get', {});
    // A change that came meanwhile is newer.
    if (this.state === before) this.state = state;
    return stop;
  }

  /** Puts a training at the end. */
  async add(training: RouteInput<'queue.add'>): Promise<void> {
    await this.#client.call('queue.add', training);
  }

  /** Moves a waiting training up (−1) or down (1). */
  async moveBy(entry: QueueEntry, by: number): Promise<void> {
    const from = this.state.waiting.findIndex(({ id }) => id === entry.id);
    const to = from + by;
    if (from < 0 || to < 0 || to >= this.state.waiting.length) return;
    await this.#client.call('queue.move', { id: entry.id, to });
  }

  async remove(entry: QueueEntry): Promise<void> {
    await this.#client.call('queue.remove', { id: entry.id });
  }

  async hold(held: boolean): Promise<void> {
    this.state = await this.#client.call('queue.hold', { held });
  }
}
