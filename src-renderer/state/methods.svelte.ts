import type { MethodConfig } from '../../src-main/contract/methods.schema.ts';
import type { Estimate } from '../../src-main/contract/training.ts';
import { toFailure, type AppFailure } from '../bridge/appFailure.ts';
import type { Client } from '../bridge/client.ts';
import { choiceOf, methodChoices, methodIds, type MethodId } from './methodChoices.ts';
import type { AnalysisState } from './analysis.svelte.ts';
import { Debounced } from './debounced.ts';
import type { EstimateState } from './estimate.svelte.ts';
import type { ProjectState } from './project.svelte.ts';
import { ruleOf, withRule } from './rankRule.ts';

/** What a method would take with the project's settings, or why it cannot be trained. */
export type MethodCost = { readonly estimate: Estimate } | { readonly failure: AppFailure };

const quietMilliseconds = 400;

/** The method of the project, the settings left in the others, and what each of them would take. */
export class MethodsState {
  costs = $state.raw<ReadonlyMap<MethodId, MethodCost>>(new Map());
  readonly #client: Client;
  readonly #project: ProjectState;
  readonly #analysis: AnalysisState;
  readonly #estimate: EstimateState;
  readonly #left = new Map<MethodId, MethodConfig>();
  readonly #ask: Debounced;
  #asked = '';
  #question = 0;

  constructor(client: Client, project: ProjectState, analysis: AnalysisState, estimate: EstimateState) {
    this.#client = client;
    this.#project = project;
    this.#analysis = analysis;
    this.#estimate = estimate;
    this.#ask = new Debounced(quietMilliseconds, () => void this.#askAll());
  }

  readonly current = $derived.by((): MethodConfig => this.#project.config?.method ?? this.#analysis.method);
  readonly choice = $derived.by((): MethodId => choiceOf(this.current));

  /** Takes another method, with the settings it was left with. */
  choose(id: MethodId): void {
    if (id === this.choice && this.#project.config?.method !== undefined) return;
    this.#left.set(this.choice, this.current);
    this.#project.updateConfig({ method: this.variant(id) });
  }

  /** Changes settings of the method; `undefined` takes one away. */
  update(patch: Readonly<Record<string, unknown>>): void {
    const kept = Object.entries({ ...this.current, ...patch }).filter(([, value]) => value !== undefined);
    // Keys and bounds are those of the method's own table; the engine checks them again.
    const method = Object.fromEntries(kept) as MethodConfig;
    if (method.name === 'sara') this.#analysis.setMethod(method);
    else this.#project.updateConfig({ method });
  }

  /** The settings a method would be trained with if it were chosen now. */
  variant(id: MethodId): MethodConfig {
    if (id === this.choice) return this.current;
    const sara = this.#analysis.method;
    const rule = ruleOf(sara);
    if (id === 'sara' || rule === undefined) return sara;
    const left = this.#left.get(id) ?? methodChoices.find((choice) => choice.id === id)?.begin(sara, rule) ?? sara;
    return id === 'lora-budget' ? withRule(left, rule) : left;
  }

  /** Call from an effect: asks what each method takes when the settings differ from those last asked about. */
  follow(): void {
    const { config } = this.#estimate;
    if (config === undefined) {
      this.#asked = '';
      this.#question += 1;
      this.#ask.cancel();
      this.costs = new Map();
    } else if (JSON.stringify([config, this.#analysis.method]) !== this.#asked) this.#ask.call();
  }

  async #askAll(): Promise<void> {
    const { config } = this.#estimate;
    if (config === undefined) return;
    this.#asked = JSON.stringify([config, this.#analysis.method]);
    const question = ++this.#question;
    for (const id of methodIds) {
      const cost = await this.#costOf({ ...config, method: this.variant(id) });
      if (question !== this.#question) return;
      this.costs = new Map([...this.costs, [id, cost]]);
    }
  }

  async #costOf(config: NonNullable<EstimateState['config']>): Promise<MethodCost> {
    try {
      return { estimate: await this.#client.call('train.estimate', config) };
    } catch (error) {
      return { failure: toFailure(error) };
    }
  }
}
