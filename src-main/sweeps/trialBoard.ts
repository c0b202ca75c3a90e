/** The trials of a sweep at work: outcomes as they come, verdicts on them, and what has changed since it was told. */
import type { Sweep } from '../contract/sweeps.schema.ts';
import { isFinal, type SweepResult, type Trial, type TrialOutcome } from '../contract/sweeps.ts';
import { judged, verdicts, type HalvingTrial, type Verdict } from './halving.ts';
import type { ReadyTrial } from './planTrials.ts';

const waiting: TrialOutcome = { state: 'waiting', step: 0, totalSteps: 0, evaluations: [] };

export class TrialBoard {
  readonly #sweep: Sweep;
  readonly #planned: readonly ReadyTrial[];
  /** As they were reported. */
  readonly #outcomes: TrialOutcome[];
  readonly #runs = new Map<number, string>();
  #verdicts: readonly Verdict[] = [];
  #stale = true;
  readonly #changed = new Set<number>();

  constructor(sweep: Sweep, planned: readonly ReadyTrial[]) {
    this.#sweep = sweep;
    this.#planned = planned;
    this.#outcomes = planned.map(({ config }) => ({ ...waiting, totalSteps: config.steps ?? 0 }));
  }

  /** @param number of the trial, from 1 */
  set(number: number, outcome: TrialOutcome, run?: string): void {
    const before = this.#outcomes[number - 1];
    if (before === undefined) return;
    this.#outcomes[number - 1] = outcome;
    if (run !== undefined) this.#runs.set(number, run);
    this.#changed.add(number);
    const decides =
      outcome.evaluations.length !== before.evaluations.length || isFinal(outcome.state) !== isFinal(before.state);
    if (decides) this.#stale = true;
  }

  outcome(number: number): TrialOutcome {
    return this.#outcomes[number - 1] ?? waiting;
  }

  verdict(number: number): Verdict {
    this.#judge();
    return this.#verdicts[number - 1] ?? { kind: 'on' };
  }

  /** Whether nothing is left to be done; a trial that was stopped once may have to go on when there are more trials. */
  settled(number: number): boolean {
    const { state } = this.outcome(number);
    return isFinal(state) && (state !== 'stopped' || this.verdict(number).kind === 'stop');
  }

  trial(number: number): Trial | undefined {
    const planned = this.#planned[number - 1];
    if (planned === undefined) return undefined;
    const { config: _config, ...plan } = planned;
    const run = this.#runs.get(number);
    return { ...plan, ...judged(this.outcome(number), this.verdict(number)), ...(run === undefined ? {} : { run }) };
  }

  /** All trials, in order. */
  trials(): Trial[] {
    return this.#planned.flatMap(({ number }) => this.trial(number) ?? []);
  }

  /** Trials that have changed since the last call. */
  takeChanged(): Trial[] {
    this.#judge();
    const numbers = [...this.#changed].sort((a, b) => a - b);
    this.#changed.clear();
    return numbers.flatMap((number) => this.trial(number) ?? []);
  }

  result(facts: Pick<SweepResult, 'folder' | 'kind' | 'target' | 'createdAt' | 'updatedAt'>): SweepResult {
    const trials = this.trials();
    return { version: 1, ...facts, sweep: this.#sweep, trials, complete: trials.every(({ state }) => isFinal(state)) };
  }

  /** Once for all that was set since: verdicts depend on one another. */
  #judge(): void {
    const { stopping } = this.#sweep;
    if (stopping === undefined || !this.#stale) return;
    this.#stale = false;
    const before = this.#verdicts;
    const trials = this.#outcomes.map((outcome): HalvingTrial => ({ ...outcome, final: isFinal(outcome.state) }));
    this.#verdicts = verdicts(trials, stopping);
    this.#verdicts.forEach(({ kind }, i) => {
      if (kind === 'stop' && before[i]?.kind !== 'stop') this.#changed.add(i + 1);
    });
  }
}
