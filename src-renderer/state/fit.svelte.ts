import type { Fit } from '../../src-main/contract/fit.ts';
import type { TrainConfigInput } from '../../src-main/contract/requests.schema.ts';
import type { Client } from '../bridge/client.ts';
import type { ProjectState } from './project.svelte.ts';
import { Resource } from './resource.svelte.ts';

/** Of what did not fit although it was expected to, a proposal takes this share. */
const shareAfterFailure = 0.75;

/** “Make it fit”: smaller settings are asked for, shown, and taken over only when the person says so. */
export class FitState {
  readonly answer = new Resource<Fit>();
  open = $state(false);
  readonly #client: Client;
  readonly #project: ProjectState;

  constructor(client: Client, project: ProjectState) {
    this.#client = client;
    this.#project = project;
  }

  /**
   * Asks and shows the answer.
   * @param tooMuch bytes that a run with these settings was expected to take when it ran out of memory
   */
  ask(config: TrainConfigInput, tooMuch?: number): void {
    this.open = true;
    const budget = tooMuch === undefined ? {} : { budget: shareAfterFailure * tooMuch };
    void this.answer.load(async () => this.#client.call('train.fit', { config, ...budget }));
  }

  /** Takes the proposed settings over. */
  accept(): void {
    const fit = this.answer.value;
    if (fit !== undefined) this.#project.updateConfig(fit.settings);
    this.open = false;
  }
}
