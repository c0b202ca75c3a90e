import type { DatasetSummary, TemplateChoice } from '../../src-main/contract/data.ts';
import { followedLearningRate } from '../../src-main/contract/learningRate.ts';
import type { ModelSummary } from '../../src-main/contract/model.ts';
import type { DataConfig, TrainConfig } from '../../src-main/contract/requests.schema.ts';
import type { SettingsFile } from '../../src-main/contract/settingsFile.schema.ts';
import { dataWithSettings, type LeftOut } from '../../src-main/contract/settingsFile.ts';
import type { SampleProject } from '../../src-main/contract/routes.ts';
import type { Project } from '../../src-main/contract/settings.schema.ts';
import type { Client } from '../bridge/client.ts';
import { fileName } from '../text/format.ts';
import { Debounced } from './debounced.ts';
import { Resource } from './resource.svelte.ts';
import { stepsOf, type Step, type StepId } from './steps.ts';

const saveDelay = 400;

/** A patch in which `undefined` takes a value away. */
export type Patch<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** The project that the wizard works on: remembered across restarts, saved a moment after each change. */
export class ProjectState {
  name = $state('');
  step = $state<StepId>('model');
  model = $state<string>();
  data = $state.raw<DataConfig>();
  config = $state.raw<Project['config']>();
  /** Settings for rows that are yet to be chosen, from a file. */
  dataSettings = $state.raw<Project['dataSettings']>();
  run = $state<string>();
  seen = $state.raw<readonly StepId[]>([]);
  exportedTo = $state<string>();
  readonly modelSummary = new Resource<ModelSummary>();
  readonly dataSummary = new Resource<DatasetSummary>();
  /** Rises with each change of model or data; what was derived from them compares it. */
  revision = $state(0);

  /** Tells whether a training is at work. */
  training: () => boolean = () => false;

  readonly #client: Client;
  readonly #save: Debounced;

  constructor(client: Client, onsavefailure: (error: unknown) => void = () => undefined) {
    this.#client = client;
    this.#save = new Debounced(saveDelay, () => {
      this.#client.call('project.save', this.snapshot()).catch(onsavefailure);
    });
  }

  /** True when there is nothing to come back to. */
  get empty(): boolean {
    return this.model === undefined && this.data === undefined;
  }

  get steps(): readonly Step[] {
    return stepsOf({
      project: {
        model: this.model,
        data: this.data,
        config: this.config,
        run: this.run,
        exportedTo: this.exportedTo,
        seen: [...this.seen],
      },
      training: this.training(),
      model: this.modelSummary,
      data: this.dataSummary,
    });
  }

  stepOf(id: StepId): Step {
    return this.steps.find((step) => step.id === id) ?? { id, state: 'blocked', reason: '' };
  }

  /** Reads the project that was left. */
  async load(): Promise<void> {
    this.#take(await this.#client.call('project.get', {}));
  }

  /** Opens a sample whose model is at hand. */
  async openSample(id: SampleProject['id']): Promise<void> {
    this.#take(await this.#client.call('project.openSample', { id }));
  }

  goTo(step: StepId): void {
    this.step = step;
    this.look();
    this.#changed();
  }

  /** Notes that the step was looked at. */
  look(): void {
    if (!this.seen.includes(this.step)) {
      this.seen = [...this.seen, this.step];
      this.#changed();
    }
  }

  /** Takes another model; what was trained from the old one stays in Runs. */
  setModel(path: string): void {
    this.model = path;
    this.seen = [];
    this.run = undefined;
    this.exportedTo = undefined;
    this.#rename();
    this.#readModel();
    this.#changed();
  }

  setData(path: string): void {
    const fresh = newDataConfig(path, this.#defaultTemplate());
    this.data = this.dataSettings === undefined ? fresh : dataWithSettings(fresh, this.dataSettings).data;
    this.dataSettings = undefined;
    this.run = undefined;
    this.exportedTo = undefined;
    this.#rename();
    this.#readData();
    this.#changed();
  }

  updateData(patch: Patch<Omit<DataConfig, 'path'>>): void {
    if (this.data === undefined) return;
    this.data = merged(this.data, patch);
    if ('mapping' in patch) this.#readData();
    this.revision += 1;
    this.#changed();
  }

  updateConfig(patch: Patch<Omit<TrainConfig, 'model' | 'data'>>): void {
    const { method: before, learningRate } = this.config ?? {};
    const { method } = patch;
    // Each method has its own rate to begin with.
    const follows = before !== undefined && method !== undefined && learningRate !== undefined;
    const rate = follows ? { learningRate: followedLearningRate(learningRate, before, method) } : {};
    this.config = merged(this.config ?? {}, { ...rate, ...patch });
    this.#changed();
  }

  /** Takes over the settings of a run, to be changed and trained again. */
  takeConfig({ model, data, ...settings }: TrainConfig): void {
    this.setModel(model);
    this.data = data;
    this.config = settings;
    this.seen = ['model', 'data', 'ranks', 'train'];
    this.#rename();
    this.#readData();
    this.#changed();
  }

  /**
   * Takes over the settings of a file; model and data stay those of the project. Settings for rows wait where it has none.
   * @returns what was not taken over, and what brings back the settings before
   */
  takeSettings({ data, training }: SettingsFile): { readonly leftOut: readonly LeftOut[]; readonly undo: () => void } {
    const { config, data: rows, dataSettings, run, exportedTo, seen } = this;
    const restore = (
      before: Pick<ProjectState, 'config' | 'data' | 'dataSettings' | 'run' | 'exportedTo' | 'seen'>,
    ) => {
      Object.assign(this, before);
      if (this.data !== undefined) this.#readData();
      this.#settleTemplate();
      this.#changed();
    };
    const taken = rows === undefined ? undefined : dataWithSettings(rows, data);
    const kept = this.training() ? { run, exportedTo } : { run: undefined, exportedTo: undefined };
    restore({
      ...kept,
      config: training,
      data: taken?.data,
      dataSettings: taken === undefined ? data : undefined,
      seen: [...new Set<StepId>([...seen, 'ranks', 'train'])],
    });
    return {
      leftOut: taken?.leftOut ?? [],
      undo: () => restore({ config, data: rows, dataSettings, run, exportedTo, seen }),
    };
  }

  setRun(run: string | undefined): void {
    this.run = run;
    this.exportedTo = undefined;
    this.#changed();
  }

  setExported(folder: string | undefined): void {
    this.exportedTo = folder;
    this.#changed();
  }

  snapshot(): Project {
    return {
      version: 1,
      name: this.name,
      step: this.step,
      ...(this.model === undefined ? {} : { model: this.model }),
      ...(this.data === undefined ? {} : { data: this.data }),
      ...(this.config === undefined ? {} : { config: this.config }),
      ...(this.dataSettings === undefined ? {} : { dataSettings: this.dataSettings }),
      ...(this.run === undefined ? {} : { run: this.run }),
      seen: [...this.seen],
      ...(this.exportedTo === undefined ? {} : { exportedTo: this.exportedTo }),
    };
  }

  /** Saves now what waits to be saved. */
  flush(): void {
    this.#save.flush();
  }

  #take(project: Project): void {
    this.name = project.name;
    this.step = project.step;
    this.model = project.model;
    this.data = project.data;
    this.config = project.config;
    this.dataSettings = project.dataSettings;
    this.run = project.run;
    this.seen = project.seen ?? [];
    this.exportedTo = project.exportedTo;
    if (this.model === undefined) this.modelSummary.clear();
    else this.#readModel();
    if (this.data === undefined) this.dataSummary.clear();
    else this.#readData();
  }

  #readModel(): void {
    const path = this.model;
    if (path === undefined) return;
    this.revision += 1;
    void this.modelSummary
      .load(async () => this.#client.call('model.inspect', { model: path }))
      .then(() => this.#settleTemplate());
  }

  #readData(): void {
    const data = this.data;
    if (data === undefined) return;
    this.revision += 1;
    const request = data.mapping === undefined ? { path: data.path } : { path: data.path, mapping: data.mapping };
    void this.dataSummary.load(async () => this.#client.call('data.inspect', request), {
      keep: data.mapping !== undefined,
    });
  }

  #defaultTemplate(): TemplateChoice {
    return this.modelSummary.value?.hasChatTemplate === false ? 'plain' : 'chat';
  }

  /** A model without a template of its own cannot render chats. */
  #settleTemplate(): void {
    const data = this.data;
    if (
      this.modelSummary.value?.hasChatTemplate === false &&
      data?.template === 'chat' &&
      data.chatTemplate === undefined
    ) {
      this.updateData({ template: 'plain' });
    }
  }

  #rename(): void {
    const parts = [this.model, this.data?.path].filter((path) => path !== undefined);
    this.name = parts
      .map((path) => fileName(path).replace(/\.(gguf|jsonl|ndjson|json|csv|tsv|parquet|txt|md)$/i, ''))
      .join(' · ');
  }

  #changed(): void {
    this.#save.call();
  }
}

function newDataConfig(path: string, template: TemplateChoice): DataConfig {
  return { path, validationShare: 0.1, template, completionOnly: true, skipBadRows: false };
}

function merged<T extends object>(base: T, patch: { readonly [K in keyof T]?: T[K] | undefined }): T {
  const result: { [key: string]: unknown } = Object.fromEntries(Object.entries(base));
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined) delete result[key];
    else result[key] = value;
  }
  // Only keys of T were written, each with a value of its type.
  return result as T;
}
