import { exportFormats, type ExportFormat, type GgufQuant } from '../../src-main/contract/exportFormats.ts';
import type { EarlierExport } from '../../src-main/contract/exports.ts';
import type { ExportRequest } from '../../src-main/contract/requests.schema.ts';
import type { ExportChoice, ExportResult } from '../../src-main/contract/results.ts';
import { toFailure, type AppFailure } from '../bridge/appFailure.ts';
import type { Client } from '../bridge/client.ts';
import { fileName } from '../text/format.ts';
import { ExportEntry } from './exportEntry.svelte.ts';
import { isOpen, type JobInput, type JobsState } from './jobs.svelte.ts';
import type { ProjectState } from './project.svelte.ts';
import { Resource } from './resource.svelte.ts';
import { nameOfJob } from '../text/text.svelte.ts';

export type ExportDtype = NonNullable<ExportRequest['dtype']>;

/** How the result of each format is called, after the name of the tuned model. */
const endings: Readonly<Record<ExportFormat, string>> = {
  hf: '',
  gguf: '-GGUF',
  ollama: '-ollama',
  peft: '-adapter',
  'peft-compact': '-adapter-compact',
  'lora-gguf': '-lora-GGUF',
  native: '-native',
};

/** The exports of a run: what to choose, what is being written, what was written before. */
export class ExportState {
  format = $state<ExportFormat>('hf');
  checkpoint = $state<ExportRequest['checkpoint']>('best');
  dtype = $state<ExportDtype>('f32');
  quant = $state<GgufQuant>('q8_0');
  /** Undefined takes the usual size. */
  shardBytes = $state<number>();
  /** Where the next export goes. */
  out = $state<string>();
  readonly choices = new Resource<readonly ExportChoice[]>();
  /** Exports of this session, the newest first. */
  entries = $state.raw<readonly ExportEntry[]>([]);
  /** Exports of earlier sessions, the newest first. */
  earlier = $state.raw<readonly ExportEntry[]>([]);
  /** The export that is looked at; undefined while the next one is chosen. */
  shown = $state.raw<ExportEntry>();
  /** The export could not even be begun. */
  refused = $state.raw<AppFailure>();
  #run: string | undefined;
  #name = 'model';
  #ownFolder = false;
  readonly #client: Client;
  readonly #jobs: JobsState;
  readonly #project: ProjectState;

  constructor(client: Client, jobs: JobsState, project: ProjectState) {
    this.#client = client;
    this.#jobs = jobs;
    this.#project = project;
  }

  get choice(): ExportChoice | undefined {
    return this.choices.value?.find(({ format }) => format === this.format);
  }

  /** The type that the chosen format is written in, as the sizes of a choice call it. */
  get type(): string {
    const { types } = exportFormats[this.format];
    return types === 'quant' ? this.quant : types === 'dtype' ? this.dtype : 'f32';
  }

  get state(): 'idle' | 'busy' | 'failed' | 'done' {
    const state = this.shown?.state;
    if (state === undefined || state === 'stored') return this.refused === undefined ? 'idle' : 'failed';
    return state;
  }

  get result(): ExportResult | undefined {
    return this.shown?.result;
  }

  get failure(): AppFailure | undefined {
    return this.refused ?? this.shown?.failure;
  }

  /**
   * Takes the run to export; another one than before begins anew.
   * @param name what the tuned model is called
   */
  use(run: string, name = fileName(run)): void {
    if (this.#run === run) return;
    this.#run = run;
    this.#name = name;
    this.entries = [];
    this.earlier = [];
    this.shown = undefined;
    this.refused = undefined;
    this.out = undefined;
    this.#ownFolder = false;
    this.#rejoin(run);
    void this.readChoices();
    void this.#readHistory();
    void this.suggest();
  }

  async readChoices(): Promise<void> {
    const run = this.#run;
    if (run === undefined) return;
    const { checkpoint } = this;
    await this.choices.load(async () => this.#client.call('export.choices', { run, checkpoint }), { keep: true });
  }

  choose(format: ExportFormat): void {
    this.format = format;
    this.refused = undefined;
    void this.suggest();
  }

  /** Names a folder that is free, unless the person has chosen one. */
  async suggest(): Promise<void> {
    if (this.#ownFolder) return;
    const { format } = this;
    const run = this.#run;
    const name = `${this.#name}${endings[format]}`;
    const pending = new Set(this.entries.filter((entry) => entry.state === 'busy').map((entry) => fileName(entry.out)));
    let wanted = name;
    for (let number = 2; pending.has(wanted); number++) wanted = `${name} ${number}`;
    const { path } = await this.#client.call('export.suggestFolder', { name: wanted });
    if (this.#namesFolderOf(format, run)) this.out = path;
  }

  /** Whether the folder is still to be named for this format and run: the person may have chosen meanwhile. */
  #namesFolderOf(format: ExportFormat, run: string | undefined): boolean {
    return !this.#ownFolder && this.format === format && this.#run === run;
  }

  /** Lets the person choose the folder; false when they did not. */
  async chooseFolder(): Promise<boolean> {
    const suggestedName = `${this.#name}${endings[this.format]}`;
    const chosen = await this.#client.call('dialog.chooseOutput', { suggestedName });
    if (chosen === null) return false;
    this.out = chosen.path;
    this.#ownFolder = true;
    return true;
  }

  /**
   * Writes the chosen format; resolves when it is done or has failed. More may be started meanwhile.
   * @param freezeGates for a run whose gates depend on the input, once the cost was accepted
   */
  async start(freezeGates?: ExportRequest['freezeGates']): Promise<void> {
    if (this.out === undefined) await this.suggest();
    const { out, format } = this;
    const run = this.#run;
    if (run === undefined || out === undefined) return;
    this.refused = undefined;
    try {
      const jobId = await this.#jobs.start('export.run', this.#request(run, out, freezeGates));
      const entry = new ExportEntry(this.#client, this.#jobs, { out, format, title: exportFormats[format].name });
      this.entries = [entry, ...this.entries];
      this.shown = entry;
      this.#ownFolder = false;
      this.out = undefined;
      await this.#watch(entry, jobId);
    } catch (error) {
      this.refused = toFailure(error);
    }
  }

  /** Back to the choices, for another format or folder. */
  again(): void {
    this.shown = undefined;
    this.refused = undefined;
    void this.suggest();
  }

  show(entry: ExportEntry): void {
    this.shown = entry;
    void entry.read();
  }

  async verify(entry: ExportEntry): Promise<void> {
    if (this.#run !== undefined) await entry.verify({ against: this.#run, checkpoint: this.checkpoint });
  }

  async openFolder(entry: ExportEntry): Promise<void> {
    await this.#client.call('shell.openFolder', { path: entry.out });
  }

  #request(run: string, out: string, freezeGates: ExportRequest['freezeGates']): JobInput<'export.run'> {
    const { format, checkpoint, dtype, quant, shardBytes } = this;
    const { types } = exportFormats[format];
    const freezes = format !== 'native' && freezeGates !== undefined;
    return {
      run,
      out,
      format,
      checkpoint,
      ...(types === 'dtype' ? { dtype } : {}),
      ...(types === 'quant' ? { quant } : {}),
      ...(format === 'hf' && shardBytes !== undefined ? { shardBytes } : {}),
      ...(freezes ? { freezeGates } : {}),
    };
  }

  async #watch(entry: ExportEntry, jobId: string): Promise<void> {
    const run = this.#run;
    await entry.watch(jobId);
    if (entry.result !== undefined && this.#run === run) this.#project.setExported(entry.result.out);
    if (entry.failure?.cancelled === true) {
      this.entries = this.entries.filter((other) => other !== entry);
      if (this.shown === entry) this.again();
    }
  }

  /** Exports that this window did not start itself: it was loaded anew. */
  #rejoin(run: string): void {
    for (const job of this.#jobs.list.filter(({ kind }) => kind === 'export.run')) {
      if (job.run !== run || !isOpen(job)) continue;
      const entry = new ExportEntry(this.#client, this.#jobs, { out: '', format: undefined, title: nameOfJob(job) });
      this.entries = [...this.entries, entry];
      this.shown ??= entry;
      void this.#watch(entry, job.id);
    }
  }

  async #readHistory(): Promise<void> {
    const run = this.#run;
    if (run === undefined) return;
    const history = await this.#client.call('export.history', { run }).catch((): readonly EarlierExport[] => []);
    if (this.#run !== run) return;
    const own = new Set(this.entries.map(({ out }) => out));
    this.earlier = history
      .filter(({ out }) => !own.has(out))
      .map((record) => {
        const title = `${exportFormats[record.format].name}, ${record.type}`;
        return new ExportEntry(this.#client, this.#jobs, { ...record, title });
      });
  }
}
