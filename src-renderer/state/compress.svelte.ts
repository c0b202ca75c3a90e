import type { CompressedAdapter, CompressResult } from '../../src-main/contract/results.ts';
import { toFailure, type AppFailure } from '../bridge/appFailure.ts';
import type { JobsState } from './jobs.svelte.ts';
import { Resource } from './resource.svelte.ts';

/** Shares of energy that are tried, from little to everything. */
export const triedEnergies = [0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 1] as const;

/** Cutting the adapters of a run by their own energy, measured before one of them is kept. */
export class CompressState {
  readonly answer = new Resource<CompressResult>();
  /** Index into the answer's energies; undefined for the largest. */
  chosen = $state<number>();
  /** The new run, once it is kept. */
  kept = $state<string>();
  keeping = $state(false);
  keepFailure = $state.raw<AppFailure>();
  #run = $state<string>();
  #jobId: string | undefined;
  readonly #jobs: JobsState;

  constructor(jobs: JobsState) {
    this.#jobs = jobs;
  }

  /** Takes a run; what was measured of another one goes. */
  use(run: string): void {
    if (run === this.#run) return;
    this.#run = run;
    this.chosen = undefined;
    this.kept = undefined;
    this.keepFailure = undefined;
    this.answer.clear();
  }

  get shown(): CompressedAdapter | undefined {
    const all = this.answer.value?.compressed;
    return all?.[this.chosen ?? all.length - 1];
  }

  /** Cuts at every energy and measures the held-out loss of each. */
  async measure(): Promise<void> {
    const run = this.#run;
    if (run === undefined || this.answer.busy) return;
    await this.answer.load(async () => this.#ask(run, [...triedEnergies]));
  }

  /** Writes the adapter that is shown as a run of its own, beside the one it was cut from. */
  async keep(): Promise<void> {
    const run = this.#run;
    const energy = this.shown?.energy;
    if (run === undefined || energy === undefined || this.keeping) return;
    this.keeping = true;
    this.keepFailure = undefined;
    try {
      this.kept = (await this.#ask(run, [energy], `${run}-energy-${energy}`)).out;
    } catch (error) {
      const failure = toFailure(error);
      if (!failure.cancelled) this.keepFailure = failure;
    } finally {
      this.keeping = false;
    }
  }

  async cancel(): Promise<void> {
    if (this.#jobId !== undefined) await this.#jobs.control(this.#jobId, 'cancel');
  }

  async #ask(run: string, energies: number[], out?: string): Promise<CompressResult> {
    this.#jobId = await this.#jobs.start('adapter.compress', {
      run,
      energies,
      ...(out === undefined ? {} : { out }),
    });
    try {
      return await this.#jobs.finished<'adapter.compress'>(this.#jobId);
    } finally {
      this.#jobId = undefined;
    }
  }
}
