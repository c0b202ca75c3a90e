import { untrack } from 'svelte';
import type { Estimate } from '../../src-main/contract/training.ts';
import type { EstimateState } from './estimate.svelte.ts';

export type Consequence = 'trainable' | 'adapter' | 'memory' | 'time' | 'tokens';

export interface Difference {
  readonly what: Consequence;
  readonly from: number;
  readonly to: number;
}

/** Changes that follow each other within this time are one: a number that is typed, a slider that is moved. */
const oneChangeMilliseconds = 3000;
/** Less than this is noise of the measured speed. */
const leastShare = 0.005;

/** What changed between two estimates, in the order of reading. Tokens stand for the time while it is not known. */
export function differences(from: Estimate, to: Estimate): readonly Difference[] {
  const timed = from.seconds !== undefined && to.seconds !== undefined;
  const all: readonly (readonly [Consequence, number, number])[] = [
    ['trainable', from.trainable, to.trainable],
    ['adapter', from.adapterBytes, to.adapterBytes],
    ['memory', from.memory.total, to.memory.total],
    timed ? ['time', from.seconds, to.seconds] : ['tokens', from.tokens, to.tokens],
  ];
  return all
    .filter(([, a, b]) => Math.abs(b - a) > leastShare * Math.max(a, b))
    .map(([what, a, b]) => ({ what, from: a, to: b }));
}

interface Known {
  readonly settings: string;
  readonly estimate: Estimate;
}

/** What the last change of a setting did to parameters, adapter, memory and time. */
export class ConsequenceState {
  /** Undefined until a setting was changed; empty where the change costs nothing. */
  changes = $state.raw<readonly Difference[]>();
  readonly #estimate: EstimateState;
  readonly #now: () => number;
  #before: Known | undefined;
  #last: Known | undefined;
  #changedAt = Number.NEGATIVE_INFINITY;
  /** Model and data that the estimates are for. */
  #about = '';

  constructor(estimate: EstimateState, now: () => number = () => performance.now()) {
    this.#estimate = estimate;
    this.#now = now;
  }

  /** Call from an effect: compares each new estimate with the one before the change. */
  follow(): void {
    const { config, answer, upToDate } = this.#estimate;
    const { value } = answer;
    if (config === undefined) return this.#forget();
    if (value === undefined || !upToDate) return;
    untrack(() =>
      this.#take({ settings: JSON.stringify(config), estimate: value }, `${config.model}\n${config.data.path}`),
    );
  }

  #take(known: Known, about: string): void {
    // Another model or other data is no change of a setting.
    if (about !== this.#about) this.#forget();
    this.#about = about;
    const last = this.#last;
    this.#last = known;
    if (last === undefined || last.settings === known.settings) return;
    const now = this.#now();
    if (now - this.#changedAt > oneChangeMilliseconds) this.#before = last;
    this.#changedAt = now;
    this.changes = this.#before === undefined ? undefined : differences(this.#before.estimate, known.estimate);
  }

  #forget(): void {
    this.#before = undefined;
    this.#last = undefined;
    this.#changedAt = Number.NEGATIVE_INFINITY;
    this.changes = undefined;
  }
}
