import type { TrainConfigInput } from '../../src-main/contract/requests.schema.ts';
import type { Estimate } from '../../src-main/contract/training.ts';
import type { Client } from '../bridge/client.ts';
import { Debounced } from './debounced.ts';
import type { ProjectState } from './project.svelte.ts';
import { Resource } from './resource.svelte.ts';

const quietMilliseconds = 150;

/** What a run with the project's settings would take: asked again a moment after each change. */
export class EstimateState {
  readonly answer = new Resource<Estimate>();
  readonly #client: Client;
  readonly #project: ProjectState;
  readonly #ask: Debounced;
  #asked = '';

  constructor(client: Client, project: ProjectState) {
    this.#client = client;
    this.#project = project;
    this.#ask = new Debounced(quietMilliseconds, () => this.#askNow());
  }

  /** The configuration of a run, complete enough to start; undefined while model, data or method is missing. */
  readonly config = $derived.by((): TrainConfigInput | undefined => {
    const { model, data, config } = this.#project;
    if (model === undefined || data === undefined || config?.method === undefined) return undefined;
    return { ...config, model, data, method: config.method };
  });

  /** Whether the answer is that for the settings as they are; false from a change until its answer. */
  get upToDate(): boolean {
    // Both are read each time, so that an effect hears of either.
    const { busy, value } = this.answer;
    return JSON.stringify(this.config) === this.#asked && !busy && value !== undefined;
  }

  /** Call from an effect: reads the configuration and asks when it differs from the last one asked. */
  follow(): void {
    if (this.config === undefined) {
      this.#asked = '';
      this.#ask.cancel();
      this.answer.clear();
    } else if (JSON.stringify(this.config) !== this.#asked) {
      this.#ask.call();
    }
  }

  #askNow(): void {
    const config = this.config;
    if (config === undefined) return;
    this.#asked = JSON.stringify(config);
    void this.answer.load(async () => this.#client.call('train.estimate', config), { keep: true });
  }

  /**
   * Memory for another number of trainable parameters, from the last answer: adapters and optimizer grow in
   * proportion, everything else stays. Follows a slider while the next answer is on its way.
   */
  memoryFor(trainable: number): number | undefined {
    const estimate = this.answer.value;
    return estimate === undefined ? undefined : scaledMemory(estimate, trainable);
  }
}

function scaledMemory(estimate: Estimate, trainable: number): number {
  const { adapters, optimizer, total } = estimate.memory;
  if (estimate.trainable <= 0) return total;
  return total + (adapters + optimizer) * (trainable / estimate.trainable - 1);
}
