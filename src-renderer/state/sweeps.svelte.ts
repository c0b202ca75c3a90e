import type { RunFolder } from '../../src-main/contract/routes.ts';
import type { SweepEvent, SweepResult, SweepSummary, Trial } from '../../src-main/contract/sweeps.ts';
import { toFailure, type AppFailure } from '../bridge/appFailure.ts';
import type { Client } from '../bridge/client.ts';
import { isOpen, type JobInput, type JobsState } from './jobs.svelte.ts';
import type { ProjectState } from './project.svelte.ts';
import { Resource } from './resource.svelte.ts';
import { firstSweep, sweepOf, type SweepDraft } from './sweepDraft.ts';

type PhaseEvent = Extract<SweepEvent, { event: 'phase' }>;

/** Remarks that are kept on screen. */
const notesKept = 20;

/** Sweeps: the one in the form, the one that is looked at, and those that are kept. */
export class SweepsState {
  readonly kept = new Resource<readonly SweepSummary[]>();
  readonly pulled = new Resource<RunFolder>();
  screen = $state<'list' | 'form' | 'sweep'>('list');
  draft = $state.raw<SweepDraft>(firstSweep);
  /** What is looked at; its trials are in {@link trials}, which change more often. */
  result = $state.raw<SweepResult>();
  trials = $state.raw<readonly Trial[]>([]);
  jobId = $state<string>();
  phase = $state.raw<PhaseEvent>();
  notes = $state.raw<readonly string[]>([]);
  failure = $state.raw<AppFailure>();
  /** Changed trials that wait for the next frame: a thousand of them must not cost a thousand updates. */
  #waiting = new Map<number, Trial>();
  #frame: number | undefined;
  readonly #client: Client;
  readonly #jobs: JobsState;
  readonly #project: ProjectState;

  constructor(client: Client, jobs: JobsState, project: ProjectState) {
    this.#client = client;
    this.#jobs = jobs;
    this.#project = project;
  }

  /** The sweep in the form; undefined while the project lacks model or data. */
  readonly sweep = $derived.by(() => {
    const { model, data, config } = this.#project;
    return sweepOf(this.draft, { model, data, config });
  });

  get busy(): boolean {
    const job = this.jobId === undefined ? undefined : this.#jobs.find(this.jobId);
    return job !== undefined && isOpen(job);
  }

  async readKept(): Promise<void> {
    if (this.kept.busy) return;
    await this.kept.load(async () => this.#client.call('sweep.list', {}), { keep: true });
  }

  change(changes: Partial<SweepDraft>): void {
    this.draft = { ...this.draft, ...changes };
  }

  setUp(): void {
    this.screen = 'form';
  }

  leave(): void {
    this.screen = 'list';
    void this.readKept();
  }

  async open(folder: string): Promise<void> {
    this.#show(undefined);
    this.screen = 'sweep';
    try {
      this.#show(await this.#client.call('sweep.open', { folder }));
    } catch (error) {
      this.failure = toFailure(error);
    }
  }

  /** Shows the sweep at work, also one begun before this window was loaded. */
  attach(): void {
    const running = this.#jobs.latest('sweep.run', 'sweep.runOn');
    if (running === undefined || !isOpen(running) || running.id === this.jobId) return;
    this.screen = 'sweep';
    void this.#watch(running.id);
  }

  /** Starts what is in the form. */
  async start(): Promise<void> {
    if (this.sweep !== undefined) await this.#begin(this.sweep, this.draft.target);
  }

  /** Goes on with the sweep that is looked at: only what is missing is trained. */
  async goOn(): Promise<void> {
    if (this.result !== undefined) await this.#begin(this.result.sweep, this.result.target);
  }

  /** The run on a cluster that is looked at, as it is followed or sent again; undefined for sweeps. */
  readonly runElsewhere = $derived.by((): JobInput<'train.runOn'> | undefined => {
    const { kind, target, sweep, folder } = this.result ?? {};
    if (kind !== 'run' || target === undefined || sweep === undefined) return undefined;
    const kept = folder?.split(/[/\\]/).at(-1);
    return { config: sweep.config, resources: sweep.resources, target, ...(kept === undefined ? {} : { kept }) };
  });

  async control(action: 'pause' | 'continue' | 'stop' | 'cancel'): Promise<void> {
    if (this.jobId !== undefined) await this.#jobs.control(this.jobId, action);
  }

  /** Makes a trial a run of the workspace. */
  async pull(trial: number): Promise<void> {
    const folder = this.result?.folder;
    if (folder === undefined) return;
    await this.pulled.load(async () => this.#client.call('trial.pull', { folder, trial }));
  }

  async #begin(sweep: NonNullable<typeof this.sweep>, target: string | undefined): Promise<void> {
    this.failure = undefined;
    this.notes = [];
    this.screen = 'sweep';
    try {
      const id =
        target === undefined
          ? await this.#jobs.start('sweep.run', { sweep })
          : await this.#jobs.start('sweep.runOn', { sweep, target });
      await this.#watch(id);
    } catch (error) {
      this.failure = toFailure(error);
    }
  }

  async #watch(jobId: string): Promise<void> {
    this.jobId = jobId;
    this.failure = undefined;
    const stop = this.#jobs.follow<'sweep.run'>(jobId, (event) => this.#take(event));
    try {
      const result = await this.#jobs.finished<'sweep.run'>(jobId);
      if (this.jobId === jobId) this.#show(result);
    } catch (error) {
      const failure = toFailure(error);
      if (!failure.cancelled && this.jobId === jobId) this.failure = failure;
    } finally {
      stop();
      if (this.jobId === jobId) {
        this.jobId = undefined;
        this.phase = undefined;
      }
    }
  }

  #take(event: SweepEvent): void {
    if (event.event === 'phase') this.phase = event;
    if (event.event === 'note' && this.notes.at(-1) !== event.text)
      this.notes = [...this.notes, event.text].slice(-notesKept);
    if (event.event === 'sweep') this.#show(event.result);
    if (event.event !== 'trials') return;
    for (const trial of event.changed) this.#waiting.set(trial.number, trial);
    this.#frame ??= requestAnimationFrame(() => this.#flush());
  }

  #flush(): void {
    this.#frame = undefined;
    const trials = [...this.trials];
    for (const trial of this.#waiting.values()) trials[trial.number - 1] = trial;
    this.#waiting.clear();
    this.trials = trials;
  }

  #show(result: SweepResult | undefined): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
    this.#waiting.clear();
    this.failure = undefined;
    this.pulled.clear();
    this.result = result;
    this.trials = result?.trials ?? [];
  }
}
