import type { RunSamples } from '../../src-main/contract/samples.ts';
import type { Client } from '../bridge/client.ts';
import { Resource } from './resource.svelte.ts';

/** The held-out rows of a run that went best and worst. */
export class SamplesState {
  readonly answer = new Resource<RunSamples>();
  readonly #client: Client;
  #run: string | undefined;
  #evaluations = -1;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Reads the rows of a run, again when it has been evaluated since. */
  use(run: string, evaluations: number): void {
    if (run === this.#run && evaluations === this.#evaluations) return;
    const keep = run === this.#run;
    this.#run = run;
    this.#evaluations = evaluations;
    void this.answer.load(async () => this.#client.call('run.samples', { run }), { keep });
  }
}
