import type { Study } from '../../src-main/contract/studies.schema.ts';
import type { StudyEvent, StudyName, StudyResult, StudySummary } from '../../src-main/contract/studies.ts';
import { toFailure, type AppFailure } from '../bridge/appFailure.ts';
import type { Client } from '../bridge/client.ts';
import { t } from '../text/text.svelte.ts';
import type { AnalysisState } from './analysis.svelte.ts';
import { Debounced } from './debounced.ts';
import { isOpen, type JobsState } from './jobs.svelte.ts';
import { methodIds } from './methodChoices.ts';
import type { MethodsState } from './methods.svelte.ts';
import type { ProjectState } from './project.svelte.ts';
import { Resource } from './resource.svelte.ts';
import { firstDraft, sizeOf, studyOf, type StudyDraft, type StudySize } from './studyDraft.ts';

type PointsEvent = Extract<StudyEvent, { event: 'points' }>;
type PhaseEvent = Extract<StudyEvent, { event: 'phase' }>;

const quietMilliseconds = 300;

/** Studies: the one that is set up, the one at work, and the results that are kept. */
export class StudiesState {
  readonly kept = new Resource<readonly StudySummary[]>();
  /** A kept result that is looked at, and one beside it. */
  readonly opened = new Resource<StudyResult>();
  readonly compared = new Resource<StudyResult>();
  screen = $state<'gallery' | 'form' | 'result'>('gallery');
  chosen = $state<StudyName>('overview');
  draft = $state.raw<StudyDraft>(firstDraft);
  jobId = $state<string>();
  phase = $state.raw<PhaseEvent>();
  points = $state.raw<PointsEvent>();
  notes = $state.raw<readonly string[]>([]);
  /** The result of the study at work as far as it goes, or of the last one. */
  live = $state.raw<StudyResult>();
  failure = $state.raw<AppFailure>();
  /** The last study was cancelled; what it has done is kept. */
  stopped = $state(false);
  /** Seconds that one probe of the study in the form takes; undefined while it is not known. */
  readonly probeSeconds = new Resource<number | undefined>();
  #started: Study | undefined;
  #asked = '';
  readonly #ask: Debounced;
  readonly #client: Client;
  readonly #jobs: JobsState;
  readonly #project: ProjectState;
  readonly #analysis: AnalysisState;
  readonly #methods: MethodsState;

  constructor(client: Client, jobs: JobsState, project: ProjectState, analysis: AnalysisState, methods: MethodsState) {
    this.#client = client;
    this.#jobs = jobs;
    this.#project = project;
    this.#analysis = analysis;
    this.#methods = methods;
    this.#ask = new Debounced(quietMilliseconds, () => this.#askSeconds());
  }

  /** The request of the study in the form; undefined while model or data is missing. */
  readonly study = $derived.by((): Study | undefined => {
    const { model, data, config } = this.#project;
    if (model === undefined) return undefined;
    const methods = methodIds
      .filter((id) => this.draft.methods.includes(id))
      .map((id) => ({ label: t(`method.${id}`), method: this.#methods.variant(id) }));
    return studyOf(this.chosen, this.draft, { model, data, config, sara: this.#analysis.method, methods });
  });

  readonly size = $derived.by((): StudySize | undefined => {
    const targets = this.#project.modelSummary.value?.targets;
    if (this.study === undefined || targets === undefined) return undefined;
    return sizeOf(this.study, new Set(targets.map(({ layer }) => layer)).size, targets.length);
  });

  /** What is looked at: the study at work, or the kept result that was opened. */
  get result(): StudyResult | undefined {
    return this.opened.value ?? this.live;
  }

  get busy(): boolean {
    return this.jobId !== undefined;
  }

  setUp(study: StudyName): void {
    this.chosen = study;
    this.screen = 'form';
    this.failure = undefined;
  }

  update(patch: Partial<StudyDraft>): void {
    this.draft = { ...this.draft, ...patch };
  }

  /** Back to the list. A study at work goes on. */
  leave(): void {
    this.screen = 'gallery';
    this.opened.clear();
    this.compared.clear();
  }

  async readKept(): Promise<void> {
    await this.kept.load(async () => this.#client.call('study.list', {}), { keep: true });
  }

  async open({ path, study }: StudySummary): Promise<void> {
    this.chosen = study;
    this.screen = 'result';
    this.failure = undefined;
    this.stopped = false;
    this.compared.clear();
    await this.opened.load(async () => this.#client.call('study.open', { path }));
  }

  async compareWith({ path }: StudySummary): Promise<void> {
    await this.compared.load(async () => this.#client.call('study.open', { path }));
  }

  /** Shows the study at work, also one begun before this window was loaded. */
  attach(): void {
    const running = this.#jobs.latest('study.run');
    if (!running || !isOpen(running) || running.id === this.jobId) return;
    this.screen = 'result';
    void this.#watch(running.id);
  }

  /** Shows what is at work, from the list. */
  showLive(): void {
    this.opened.clear();
    this.screen = 'result';
  }

  async start(): Promise<void> {
    if (this.study !== undefined) await this.#begin(this.study);
  }

  /** Goes on with the study that was cancelled or has failed: only what is missing is computed. */
  async resume(): Promise<void> {
    if (this.#started !== undefined) await this.#begin(this.#started);
  }

  get canResume(): boolean {
    return !this.busy && this.opened.value === undefined && this.#started !== undefined && this.#unfinished;
  }
  get #unfinished(): boolean {
    return this.stopped || this.failure !== undefined;
  }

  async cancel(): Promise<void> {
    if (this.jobId !== undefined) await this.#jobs.control(this.jobId, 'cancel');
  }

  /** Call from an effect: asks how long a probe takes when the study in the form has changed. */
  follow(): void {
    const study = this.study;
    if (JSON.stringify(study) !== this.#asked) this.#ask.call();
  }

  #askSeconds(): void {
    const study = this.study;
    this.#asked = JSON.stringify(study);
    if (study === undefined || !('probe' in study) || study.probe === undefined) {
      this.probeSeconds.clear();
      return;
    }
    const { probe, model, targets } = study;
    const method = 'method' in study ? study.method : this.#analysis.method;
    const config = { ...probe, model, targets, method };
    void this.probeSeconds.load(async () => (await this.#client.call('train.estimate', config)).seconds, {
      keep: true,
    });
  }

  async #begin(study: Study): Promise<void> {
    if (this.busy) return;
    this.#started = study;
    this.live = undefined;
    this.opened.clear();
    this.compared.clear();
    this.screen = 'result';
    try {
      await this.#watch(await this.#jobs.start('study.run', { study }));
    } catch (error) {
      this.failure = toFailure(error);
    }
  }

  async #watch(jobId: string): Promise<void> {
    this.jobId = jobId;
    this.phase = undefined;
    this.points = undefined;
    this.notes = [];
    this.failure = undefined;
    this.stopped = false;
    const stop = this.#jobs.follow<'study.run'>(jobId, (event) => this.#take(event));
    try {
      this.live = await this.#jobs.finished<'study.run'>(jobId);
      this.chosen = this.live.study;
      await this.readKept();
    } catch (error) {
      const failure = toFailure(error);
      this.stopped = failure.cancelled;
      this.failure = failure.cancelled ? undefined : failure;
    } finally {
      stop();
      this.jobId = undefined;
    }
  }

  #take(event: StudyEvent): void {
    switch (event.event) {
      case 'phase':
        this.phase = event;
        return;
      case 'points':
        this.points = event;
        return;
      case 'partial':
        this.live = event.result;
        this.chosen = event.result.study;
        return;
      case 'note':
        this.notes = [...this.notes, event.text];
    }
  }
}
