/** What the app remembers: settings, the wizard's project, recent models, runs, where the window was. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import {
  projectSchema,
  settingsSchema,
  type Project,
  type Settings,
  type SettingsPatch,
} from '../contract/settings.schema.ts';
import { queueFileSchema, type QueueFile } from '../contract/queue.schema.ts';
import type { HomeContents } from '../contract/routes.ts';
import { freeName } from '../util/freeName.ts';
import { removeUnfinished } from '../util/fsAtomic.ts';
import { Comparisons } from './comparisons.ts';
import { JsonStore } from './jsonStore.ts';
import { RunFolders } from './runFolders.ts';
import { listSamples } from './sampleProjects.ts';
import {
  recentDataSchema,
  recentModelsSchema,
  windowBoundsSchema,
  type RecentData,
  type RecentFile,
  type RecentModels,
  type WindowBounds,
} from './workspaceFiles.schema.ts';

export interface WorkspacePlaces {
  /** Folder of the app's own small files. */
  readonly state: string;
  /** Folder of the person's runs and exports. */
  readonly home: string;
  /** `resources/samples` of the app. */
  readonly samples: string;
  /** Where fetched sample models are. */
  readonly fetchedModels: string;
}

const recentKept = 12;

export class Workspace {
  readonly places: WorkspacePlaces;
  readonly runs: RunFolders;
  readonly comparisons: Comparisons;
  readonly queue: JsonStore<QueueFile>;
  readonly window: JsonStore<WindowBounds>;
  readonly #settings: JsonStore<Settings>;
  readonly #project: JsonStore<Project>;
  readonly #recent: JsonStore<RecentModels>;
  readonly #recentData: JsonStore<RecentData>;
  /** Called when the lists of recent files have changed, with the file that was opened. */
  onRecent: (opened?: string) => void = () => undefined;

  private constructor(
    places: WorkspacePlaces,
    stores: {
      settings: JsonStore<Settings>;
      project: JsonStore<Project>;
      recent: JsonStore<RecentModels>;
      recentData: JsonStore<RecentData>;
      window: JsonStore<WindowBounds>;
      queue: JsonStore<QueueFile>;
    },
  ) {
    this.places = places;
    this.runs = new RunFolders(path.join(places.home, 'runs'));
    this.comparisons = new Comparisons(path.join(places.home, 'comparisons'));
    this.queue = stores.queue;
    this.#settings = stores.settings;
    this.#project = stores.project;
    this.#recent = stores.recent;
    this.#recentData = stores.recentData;
    this.window = stores.window;
  }

  /** Reads everything. Damaged files are kept aside and give the defaults. */
  static async open(places: WorkspacePlaces, warn: (message: string) => void): Promise<Workspace> {
    const file = (name: string): string => path.join(places.state, name);
    const [settings, project, recent, recentData, window, queue] = await Promise.all([
      JsonStore.open(file('settings.json'), settingsSchema, settingsSchema.parse({}), warn),
      JsonStore.open(file('project.json'), projectSchema, projectSchema.parse({}), warn),
      JsonStore.open<RecentModels>(file('recent-models.json'), recentModelsSchema, { version: 1, models: [] }, warn),
      JsonStore.open<RecentData>(file('recent-data.json'), recentDataSchema, { version: 1, files: [] }, warn),
      JsonStore.open<WindowBounds>(file('window.json'), windowBoundsSchema, { version: 1, maximized: false }, warn),
      JsonStore.open<QueueFile>(file('queue.json'), queueFileSchema, { version: 1, waiting: [] }, warn),
    ]);
    return new Workspace(places, { settings, project, recent, recentData, window, queue });
  }

  get settings(): Settings {
    return this.#settings.value;
  }

  async updateSettings(patch: SettingsPatch): Promise<Settings> {
    // A field that is present but undefined means "leave it".
    const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
    await this.#settings.set({ ...this.settings, ...given });
    return this.settings;
  }

  get project(): Project {
    return this.#project.value;
  }

  async saveProject(project: Project): Promise<void> {
    await this.#project.set(project);
  }

  get recentModels(): RecentModels['models'] {
    return this.#recent.value.models;
  }

  async rememberModel(model: string, name: string, now: Date): Promise<void> {
    await this.#recent.set({ version: 1, models: withFirst(this.recentModels, { path: model, name }, now) });
    this.onRecent(model);
  }

  async forgetModel(model: string): Promise<void> {
    await this.#recent.set({ version: 1, models: this.recentModels.filter((entry) => entry.path !== model) });
    this.onRecent();
  }

  get recentData(): readonly RecentFile[] {
    return this.#recentData.value.files;
  }

  /** Notes that a data file was opened; what comes with the app is no discovery of the person's. */
  async rememberData(file: string, now: Date): Promise<void> {
    if (file.startsWith(this.places.samples + path.sep)) return;
    const files = withFirst(this.recentData, { path: file, name: path.basename(file) }, now);
    await this.#recentData.set({ version: 1, files });
    this.onRecent(file);
  }

  async forgetRecent(): Promise<void> {
    await this.#recent.set({ version: 1, models: [] });
    await this.#recentData.set({ version: 1, files: [] });
    this.onRecent();
  }

  /** Folder of the points and results of studies. */
  get studies(): string {
    return path.join(this.places.home, 'studies');
  }

  /** Folder of the folders of sweeps. */
  get sweeps(): string {
    return path.join(this.places.home, 'sweeps');
  }

  async home(): Promise<HomeContents> {
    return { samples: listSamples(this.places.samples), recentModels: this.recentModels, runs: await this.runs.list() };
  }

  /** A folder in `exports` that does not exist yet, named after what it will hold. */
  async freeExportFolder(name: string): Promise<string> {
    const folder = path.join(this.places.home, 'exports');
    const taken = new Set(await readdir(folder).catch(() => []));
    return path.join(
      folder,
      freeName(name, (candidate) => taken.has(candidate)),
    );
  }

  /** Removes what processes that were killed have left unfinished, the window's own files included. */
  async removeLeftovers(): Promise<void> {
    await this.runs.removeLeftovers();
    await removeUnfinished(path.join(this.places.home, 'exports'));
    await removeUnfinished(this.places.state);
  }

  /** Everything that earlier sessions were given: the window may name it again. */
  grantedPaths(): string[] {
    const { model, data, config, run, exportedTo } = this.project;
    const ofProject = [model, data?.path, data?.validationPath, config?.model, config?.data?.path, run, exportedTo];
    return [
      this.places.home,
      this.places.samples,
      this.places.fetchedModels,
      ...[...this.recentModels, ...this.recentData].map((entry) => entry.path),
      ...ofProject.filter((path) => path !== undefined),
    ];
  }

  /** Resolves when everything is on disk. */
  async settled(): Promise<void> {
    await Promise.all(
      [this.#settings, this.#project, this.#recent, this.#recentData, this.window, this.queue].map((store) =>
        store.settled(),
      ),
    );
  }
}

/** The list with a file at its head, opened just now. */
function withFirst(list: readonly RecentFile[], file: Omit<RecentFile, 'openedAt'>, now: Date): RecentFile[] {
  const others = list.filter(({ path }) => path !== file.path);
  return [{ ...file, openedAt: now.toISOString() }, ...others].slice(0, recentKept);
}
