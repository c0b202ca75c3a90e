import type { ModelSummary } from '../../src-main/contract/model.ts';
import type { MosaraConfig } from '../../src-main/contract/methods.schema.ts';
import { mosaraParameters, type RankRule } from '../../src-main/contract/rank.ts';
import type { SaraConfig } from '../../src-main/contract/requests.schema.ts';
import { toFailure, type AppFailure } from '../bridge/appFailure.ts';
import { isOpen, type JobsState } from './jobs.svelte.ts';
import type { ProjectState } from './project.svelte.ts';
import { ruleOf, withRule } from './rankRule.ts';
import { RankTable, type AdapterCost, type Adapted, type RankOutcome } from './rankTable.ts';

export const defaultSara: SaraConfig = {
  name: 'sara',
  threshold: 0.05,
  measure: 'sum',
  granularity: 'matrix',
  init: 'zero-b',
  scaling: 1,
  lambdaLearningRateMultiplier: 1,
  dropout: 0,
};

/** The spectra of the project's model and what the rank rule makes of them. */
export class AnalysisState {
  /** Spectra so far; undefined until a model is known. */
  table = $state.raw<RankTable>();
  state = $state<'idle' | 'busy' | 'failed' | 'done'>('idle');
  failure = $state.raw<AppFailure>();
  /** True when the spectra of the last analysis were at hand. */
  cached = $state(false);
  seconds = $state(0);
  jobId = $state<string>();
  /** While the analysis waits for a GPU that is prepared: which op of how many. */
  preparing = $state.raw<{ readonly op: number; readonly total: number }>();
  #revision = $state(0);
  #model: string | undefined;
  #stop: (() => void) | undefined;
  readonly #jobs: JobsState;
  readonly #project: ProjectState;

  constructor(jobs: JobsState, project: ProjectState) {
    this.#jobs = jobs;
    this.#project = project;
  }

  /** The SARA settings of the project, or the defaults while another method is chosen. */
  readonly method = $derived.by((): SaraConfig => {
    const method = this.#project.config?.method;
    return method?.name === 'sara' ? method : this.#lastSara;
  });
  #lastSara = $state.raw<SaraConfig>(defaultSara);

  /** The rule of the project's method, or SARA's where the method has none. */
  readonly rule = $derived.by((): RankRule => {
    const { threshold, measure, granularity, floor, cap } = ruleOf(this.#project.config?.method) ?? this.method;
    return { threshold, measure, granularity, floor, cap };
  });

  /** Module names that get an adapter; undefined for all. */
  readonly chosenModules = $derived.by((): ReadonlySet<string> | undefined => {
    const targets = this.#project.config?.targets;
    return targets === undefined || targets === 'all' ? undefined : new Set(targets);
  });

  /** Layers that get an adapter; undefined for all. */
  readonly chosenLayers = $derived.by((): ReadonlySet<number> | undefined => {
    const layers = this.#project.config?.layers;
    return layers === undefined ? undefined : new Set(layers);
  });

  /** What gets an adapter, and what one costs. */
  readonly adapted = $derived.by((): Adapted => {
    const method = this.#project.config?.method;
    return {
      modules: this.chosenModules,
      layers: this.chosenLayers,
      cost: method?.name === 'mosara' ? mosaraCost(method) : undefined,
    };
  });

  readonly outcome = $derived.by((): RankOutcome | undefined => {
    void this.#revision;
    return this.table?.apply(this.rule, this.adapted);
  });

  get done(): number {
    void this.#revision;
    return this.table?.known ?? 0;
  }

  get total(): number {
    return this.table?.targets.length ?? 0;
  }

  /** Takes the model of the project; another one than before starts with an empty map. */
  use(summary: ModelSummary): void {
    if (this.#model === summary.path) return;
    this.#end();
    this.#model = summary.path;
    this.table = new RankTable(summary.targets);
    this.state = 'idle';
    this.failure = undefined;
    const running = this.#jobs.latest('analysis.run');
    if (running && isOpen(running)) void this.#watch(running.id);
  }

  /** Computes the spectra, or takes them from the cache. */
  async start(): Promise<void> {
    const model = this.#model;
    if (model === undefined || this.state === 'busy') return;
    this.failure = undefined;
    this.state = 'busy';
    try {
      await this.#watch(await this.#jobs.start('analysis.run', { model, targets: 'all' }));
    } catch (error) {
      if (this.#model === model) this.#fail(toFailure(error));
    }
  }

  async cancel(): Promise<void> {
    if (this.jobId !== undefined) await this.#jobs.control(this.jobId, 'cancel');
  }

  /** Changes the rule; the map follows at once, the project remembers it. */
  setRule(patch: Partial<RankRule>): void {
    const rule: RankRule = { ...this.rule, ...patch };
    const method = this.#project.config?.method;
    if (method === undefined || method.name === 'sara') {
      this.setMethod(withRule(this.method, rule));
      return;
    }
    // A budget is that of SARA, so both keep to one rule; Mo-SARA has one of its own.
    if (!('threshold' in method)) this.#lastSara = withRule(this.method, rule);
    this.#project.updateConfig({ method: withRule(method, rule) });
  }

  setMethod(method: SaraConfig): void {
    this.#lastSara = method;
    this.#project.updateConfig({ method });
  }

  /** Puts an adapter on a module or takes it off; the last one stays. */
  toggleModule(module: string): void {
    const all = [...new Set(this.table?.targets.map((target) => target.module))];
    const chosen = new Set(this.chosenModules ?? all);
    if (chosen.has(module)) chosen.delete(module);
    else chosen.add(module);
    if (chosen.size === 0) return;
    this.#project.updateConfig({
      targets: chosen.size === all.length ? 'all' : all.filter((name) => chosen.has(name)),
    });
  }

  /** Puts adapters on these layers alone, or on all. */
  setLayers(layers: readonly number[]): void {
    this.#project.updateConfig({ layers: layers.length === 0 ? undefined : [...layers] });
  }

  async #watch(jobId: string): Promise<void> {
    const model = this.#model;
    this.jobId = jobId;
    this.state = 'busy';
    const stop = this.#jobs.follow<'analysis.run'>(jobId, (event) => {
      this.preparing = 'phase' in event ? { op: event.done, total: event.total } : undefined;
      if ('phase' in event) return;
      this.table?.add(event.matrix);
      this.#revision++;
    });
    this.#stop = stop;
    try {
      const analysis = await this.#jobs.finished<'analysis.run'>(jobId);
      if (this.#model !== model) return;
      for (const matrix of analysis.matrices) this.table?.add(matrix);
      this.cached = analysis.cached;
      this.seconds = analysis.seconds;
      this.state = 'done';
      if (this.#project.config?.method === undefined) this.setMethod(this.method);
    } catch (error) {
      if (this.#model === model) this.#fail(toFailure(error));
    } finally {
      if (this.#model === model) {
        stop();
        this.preparing = undefined;
        this.#stop = undefined;
        this.jobId = undefined;
        this.#revision++;
      }
    }
  }

  #fail(failure: AppFailure): void {
    this.state = failure.cancelled ? 'idle' : 'failed';
    this.failure = failure.cancelled ? undefined : failure;
  }

  #end(): void {
    this.#stop?.();
    this.#stop = undefined;
    if (this.jobId !== undefined) void this.#jobs.control(this.jobId, 'cancel');
    this.jobId = undefined;
  }
}

/** Trained are the sets, the router and the vector; the frozen singular vectors are in the file too. */
function mosaraCost(method: MosaraConfig): AdapterCost {
  return {
    trainable: (shape, k) => mosaraParameters(shape, k, method),
    stored: (shape, k) => mosaraParameters(shape, k, method) + k * (shape[0] + shape[1]),
  };
}
