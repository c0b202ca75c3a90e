import { createContext, untrack } from 'svelte';
import type { JobKind } from '../../src-main/contract/jobs.ts';
import type { EngineReport } from '../../src-main/contract/results.ts';
import type { MenuCommand } from '../../src-main/contract/menu.ts';
import type { SampleProject } from '../../src-main/contract/routes.ts';
import { AppFailure, toFailure } from '../bridge/appFailure.ts';
import type { Client } from '../bridge/client.ts';
import { nameOfJob, t } from '../text/text.svelte.ts';
import { AnalysisState } from './analysis.svelte.ts';
import { AppState } from './app.svelte.ts';
import { ChatState } from './chat.svelte.ts';
import { ConsequenceState } from './consequence.svelte.ts';
import { EstimateState } from './estimate.svelte.ts';
import { ExportState } from './export.svelte.ts';
import { DataCheckState } from './dataCheck.svelte.ts';
import { DataPreviewState } from './dataPreview.svelte.ts';
import { CompressState } from './compress.svelte.ts';
import { FrozenGatesState } from './frozenGates.svelte.ts';
import { FoundState } from './found.svelte.ts';
import { GatesState } from './gates.svelte.ts';
import { InspectionState } from './inspection.svelte.ts';
import { HomeState } from './home.svelte.ts';
import { MethodsState } from './methods.svelte.ts';
import { JobsState, type KnownJob } from './jobs.svelte.ts';
import { Navigation } from './navigation.svelte.ts';
import { Notices } from './notices.svelte.ts';
import { PublishingState } from './publishing.svelte.ts';
import { ProjectState } from './project.svelte.ts';
import { TrainingState } from './run.svelte.ts';
import { QueueView } from './queue.svelte.ts';
import { RunsState } from './runs.svelte.ts';
import { TourState } from './tour.svelte.ts';
import { TasksState } from './tasks.svelte.ts';
import { SweepsState } from './sweeps.svelte.ts';
import { TargetsState } from './targets.svelte.ts';
import { StudiesState } from './studies.svelte.ts';
import { SpeedState } from './speed.svelte.ts';
import { SamplesState } from './samples.svelte.ts';
import { UpdatesState } from './updates.svelte.ts';
import { namesSettings, SettingsFiles } from './settingsFiles.svelte.ts';
import type { StepId } from './steps.ts';
import { Resource } from './resource.svelte.ts';

/** Everything a view may use, one of each a window. */
export class Studio {
  readonly client: Client;
  readonly app: AppState;
  readonly navigation = new Navigation();
  readonly notices = new Notices();
  readonly jobs: JobsState;
  readonly project: ProjectState;
  readonly analysis: AnalysisState;
  readonly estimate: EstimateState;
  readonly consequence: ConsequenceState;
  readonly methods: MethodsState;
  readonly training: TrainingState;
  readonly exporting: ExportState;
  readonly publishing: PublishingState;
  readonly chat: ChatState;
  readonly frozenGates: FrozenGatesState;
  readonly gates: GatesState;
  readonly compress: CompressState;
  readonly tasks: TasksState;
  readonly runs: RunsState;
  readonly queue: QueueView;
  readonly updates: UpdatesState;
  readonly speed: SpeedState;
  readonly studies: StudiesState;
  readonly sweeps: SweepsState;
  readonly targets: TargetsState;
  readonly home: HomeState;
  readonly preview: DataPreviewState;
  readonly dataCheck: DataCheckState;
  readonly samples: SamplesState;
  readonly inspection: InspectionState;
  readonly found: FoundState;
  readonly settingsFiles: SettingsFiles;
  readonly tour = new TourState(this);
  /** What the engine computes with; asked for where it is shown. */
  readonly machine = new Resource<EngineReport>();

  constructor(client: Client) {
    this.client = client;
    this.app = new AppState(client);
    this.jobs = new JobsState(client);
    this.project = new ProjectState(client, (error) => this.report(error));
    this.project.training = () => this.jobs.open.some((job) => job.kind.startsWith('train.'));
    this.analysis = new AnalysisState(this.jobs, this.project);
    this.estimate = new EstimateState(client, this.project);
    this.consequence = new ConsequenceState(this.estimate);
    this.methods = new MethodsState(client, this.project, this.analysis, this.estimate);
    this.training = new TrainingState(client, this.jobs, this.project, this.estimate);
    this.exporting = new ExportState(client, this.jobs, this.project);
    this.publishing = new PublishingState(client, this.jobs);
    this.chat = new ChatState(client, this.jobs, (error) => this.report(error));
    this.compress = new CompressState(this.jobs);
    this.tasks = new TasksState(client, this.jobs);
    this.frozenGates = new FrozenGatesState(client, this.jobs);
    this.gates = new GatesState(this.jobs);
    this.runs = new RunsState(client, this.jobs);
    this.queue = new QueueView(client);
    this.updates = new UpdatesState(client);
    this.speed = new SpeedState(client);
    this.updates.onfound = (version) => this.#tellOfUpdate(version);
    this.studies = new StudiesState(client, this.jobs, this.project, this.analysis, this.methods);
    this.targets = new TargetsState(client);
    this.sweeps = new SweepsState(client, this.jobs, this.project);
    this.home = new HomeState(client, this.jobs, this.project);
    this.preview = new DataPreviewState(client);
    this.dataCheck = new DataCheckState(client, this.jobs);
    this.samples = new SamplesState(client);
    this.inspection = new InspectionState(client);
    this.found = new FoundState(client);
    const { project, training, navigation, notices } = this;
    this.settingsFiles = new SettingsFiles({ client, project, training, navigation, notices });
  }

  /** True once settings and project are known; views are shown then. */
  ready = $state(false);

  /**
   * Reads what the window needs and listens; gives back what ends the listening. Nothing that it reads may make an effect
   * start it again.
   */
  start(): () => void {
    return untrack(() => this.#begin());
  }

  #begin(): () => void {
    const stops: (() => void)[] = [];
    let ended = false;
    const keep = (stop: () => void) => (ended ? stop() : stops.push(stop));
    this.jobs.onfinished = (job) => this.#tell(job);
    void Promise.all([
      this.app.start().then(keep),
      this.jobs.begin().then(keep),
      this.queue.begin().then(keep),
      this.updates.begin().then(keep),
      this.project.load(),
    ])
      .catch((error: unknown) => this.report(error))
      .finally(() => (this.ready = true));
    stops.push(this.client.on('file.opened', () => void this.#inspectOpened()));
    void this.#inspectOpened();
    stops.push(
      this.client.on('recent.chosen', ({ kind, path }) =>
        kind === 'model' ? this.openModel(path) : this.openData(path),
      ),
    );
    stops.push(this.client.on('menu.command', ({ command }) => void this.command(command)));
    const save = () => {
      this.project.flush();
      this.chat.flush();
    };
    window.addEventListener('pagehide', save);
    stops.push(() => window.removeEventListener('pagehide', save));
    return () => {
      ended = true;
      stops.forEach((stop) => stop());
    };
  }

  #tellOfUpdate(version: string): void {
    if (this.navigation.aboutOpen) return;
    this.notices.push({
      tone: 'neutral',
      title: t('updates.found', { version }),
      body: t('updates.foundBody'),
      action: { label: t('updates.look'), run: () => (this.navigation.aboutOpen = true) },
    });
  }

  /** Does what a menu entry or a shortcut names. */
  async command(command: MenuCommand): Promise<void> {
    switch (command) {
      case 'open-model':
        return this.chooseModel('folder');
      case 'open-gguf':
        return this.chooseModel('gguf');
      case 'open-data':
        return this.chooseData();
      case 'open-data-folder':
        return this.chooseData('folder');
      case 'inspect':
        return this.chooseWeights();
      case 'import-settings':
        return this.importSettings();
      case 'export-settings':
        return this.settingsFiles.exportProject();
      case 'home':
      case 'project':
      case 'runs':
      case 'studies':
      case 'sweeps':
      case 'chat':
      case 'settings':
        return this.navigation.go(command);
      case 'step-model':
      case 'step-data':
      case 'step-ranks':
      case 'step-train':
      case 'step-export':
        return this.goToStep(stepOfCommand[command]);
      case 'primary':
        return pressMainAction();
      case 'pause':
      case 'continue':
      case 'checkpoint':
      case 'stop':
        return this.#controlTraining(command);
      case 'tour':
        return this.tour.start();
      case 'shortcuts':
        this.navigation.shortcutsOpen = true;
        return;
      case 'diagnostics':
        this.navigation.diagnosticsOpen = true;
        return;
      case 'about':
        this.navigation.aboutOpen = true;
    }
  }

  /** Shows a step of the project. */
  goToStep(step: StepId): void {
    this.project.goTo(step);
    this.navigation.go('project');
  }

  /** Steers the training at work, whichever view is shown. */
  async #controlTraining(action: 'pause' | 'continue' | 'checkpoint' | 'stop'): Promise<void> {
    const job = this.jobs.latest('train.run', 'train.resume');
    if (job === undefined) return;
    await this.#ask(async () =>
      this.training.jobId === job.id ? this.training.control(action) : this.jobs.control(job.id, action),
    );
  }

  /** Asks for a model in the system's dialog and opens it. */
  async chooseModel(kind: 'folder' | 'gguf'): Promise<void> {
    const chosen = await this.#ask(async () => this.client.call('dialog.openModel', { kind }));
    if (chosen) this.openModel(chosen.path);
  }

  /** Asks for a data file, or a folder of them, in the system's dialog and opens it. */
  async chooseData(kind: 'file' | 'folder' = 'file'): Promise<void> {
    const chosen = await this.#ask(async () => this.client.call('dialog.openData', { kind }));
    if (chosen) this.openData(chosen.path);
  }

  /** Asks for a file of weights in the system's dialog and shows what is in it. */
  async chooseWeights(): Promise<void> {
    const chosen = await this.#ask(async () => this.client.call('dialog.openModel', { kind: 'weights' }));
    if (chosen) this.inspect(chosen.path);
  }

  inspect(path: string): void {
    void this.inspection.open(path);
    this.navigation.go('inspect');
  }

  /** Shows the file that the system asked the app to open, if there is one. */
  async #inspectOpened(): Promise<void> {
    const opened = await this.#ask(async () => this.client.call('app.openedFile', {}));
    if (opened) this.inspect(opened.path);
  }

  openModel(path: string): void {
    this.project.setModel(path);
    this.project.goTo('model');
    this.navigation.go('project');
  }

  openData(path: string): void {
    this.project.setData(path);
    this.project.goTo('data');
    this.navigation.go('project');
  }

  /** Opens a sample, after its download where that is needed; what goes wrong is shown. */
  async openSample(sample: SampleProject): Promise<void> {
    const from = this.navigation.view;
    try {
      await this.home.open(sample);
    } catch (error) {
      this.report(error);
      return;
    }
    if (this.navigation.view === from) this.navigation.go('project');
  }

  /** Asks once what the engine computes with. */
  async readMachine(): Promise<void> {
    if (this.machine.value !== undefined || this.machine.busy) return;
    await this.machine.load(async () => this.client.call('engine.report', {}));
  }

  /** Opens what was dropped on the window: files by their ending, folders by what is in them. */
  async openDropped(file: File): Promise<void> {
    const path = await this.#ask(async () => this.client.pathOfDroppedFile(file));
    const folder = path ? await this.#ask(async () => this.client.call('folder.kind', { path })) : undefined;
    const kind = folder === undefined || folder.kind === 'file' ? droppedKind(file.name) : folder.kind;
    if (!path || kind === 'unknown' || kind === 'other') {
      this.notices.push({
        tone: 'danger',
        title: t('shell.drop.unknown'),
        body: t('shell.drop.unknownBody', { name: file.name }),
      });
    } else if (kind === 'data') this.openData(path);
    else if (kind === 'weights') this.inspect(path);
    else if (kind === 'settings') await this.importSettings(path);
    else this.openModel(path);
  }

  /** Takes the settings of a file over, of one that the person chooses where none is given. */
  async importSettings(path?: string): Promise<void> {
    await this.#ask(async () => (path === undefined ? this.settingsFiles.choose() : this.settingsFiles.import(path)));
  }

  /** Shows a failure that no view shows in its own place. */
  report(error: unknown): void {
    const failure = toFailure(error);
    if (failure.cancelled) return;
    this.notices.push({ tone: 'danger', title: t('error.title'), body: `${failure.message} ${failure.remedy}` });
  }

  async #ask<T>(question: () => Promise<T>): Promise<T | undefined> {
    try {
      return await question();
    } catch (error) {
      this.report(error);
      return undefined;
    }
  }

  #tell(job: KnownJob): void {
    if (toldInPlace.has(job.kind)) return;
    // The view of the job tells of its end itself.
    if (this.navigation.view === 'studies' && job.kind === 'study.run') return;
    if (this.navigation.view === 'sweeps' && job.kind.startsWith('sweep.')) return;
    if (this.navigation.view === 'project' && this.project.step === shownIn[job.kind]) return;
    if (job.state === 'done') this.notices.push({ tone: 'success', title: t('job.done', { title: nameOfJob(job) }) });
    if (job.state === 'cancelled')
      this.notices.push({ tone: 'neutral', title: t('job.cancelled', { title: nameOfJob(job) }) });
    if (job.state === 'failed') {
      const failure = job.error === undefined ? undefined : new AppFailure(job.error);
      this.notices.push({
        tone: 'danger',
        title: t('job.failed', { title: nameOfJob(job) }),
        ...(failure === undefined ? {} : { body: `${failure.message} ${failure.remedy}` }),
      });
    }
  }
}

/** Jobs whose answer appears where it was asked for. */
const toldInPlace: ReadonlySet<JobKind> = new Set([
  'generate.run',
  'data.check',
  'evaluate.run',
  'evaluate.task',
  'gates.run',
  'calibrate.run',
  'adapter.compress',
]);

/** The step that shows how a job ended. */
const shownIn: Partial<Record<JobKind, StepId>> = {
  'analysis.run': 'ranks',
  'train.run': 'train',
  'train.resume': 'train',
  'train.runOn': 'train',
  'export.run': 'export',
  'export.verify': 'export',
  'publish.run': 'export',
};

const stepOfCommand = {
  'step-model': 'model',
  'step-data': 'data',
  'step-ranks': 'ranks',
  'step-train': 'train',
  'step-export': 'export',
} as const satisfies { readonly [C in MenuCommand]?: StepId };

/** Does the one thing that the view is there for. */
export function pressMainAction(): void {
  document.querySelector<HTMLButtonElement>('[data-primary-action] button.primary')?.click();
}

/** What a dropped file is, by its name. */
export function droppedKind(name: string): 'data' | 'weights' | 'model' | 'settings' | 'unknown' {
  if (namesSettings(name)) return 'settings';
  if (/\.(jsonl|ndjson|json|csv|tsv|parquet|txt|md)$/i.test(name)) return 'data';
  if (/\.(gguf|safetensors)$/i.test(name)) return 'weights';
  return /\.(pdf|zip|exe|png|jpe?g|docx?|xlsx?|bin)$/i.test(name) ? 'unknown' : 'model';
}

export const [useStudio, provideStudio] = createContext<Studio>();
