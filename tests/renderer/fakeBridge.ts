/**
 * A bridge without a main process, for looking at the window and testing its views: the same routes, prepared answers.
 * Never part of the product.
 */
import type { ErrorShape } from '../../src-main/contract/errors.ts';
import type {
  Bridge,
  HomeContents,
  RouteInput,
  RouteName,
  RouteOutput,
  WindowEvents,
} from '../../src-main/contract/routes.ts';
import { settingsFileOf } from '../../src-main/contract/settingsFile.ts';
import type { Project, Settings } from '../../src-main/contract/settings.schema.ts';
import type { Estimate, RunRecord } from '../../src-main/contract/training.ts';
import { sweepResult, targetEntries, targetReport } from './fakeSweeps.ts';
import {
  dataset,
  lengths,
  preview,
  methodEvents,
  report,
  runRecord,
  smollm,
  speedMeasurement,
  stories,
  trainingEvents,
  troubledDataset,
  withMethod,
} from './fakeContents.ts';
import { exportRoutes } from './fakeExports.ts';
import { runRoutes } from './fakeRuns.ts';
import { keptStudies, keptStudy } from './fakeStudies.ts';
import { FakeJobs } from './fakeJobs.ts';

export interface FakeOptions {
  /** `empty`: first start. `model`, `data`: so much is chosen. `trained`: a run is done. */
  readonly scene?: 'empty' | 'model' | 'data' | 'trouble' | 'trained';
  readonly theme?: Settings['theme'];
  readonly contrast?: boolean;
  /** Method of the run of the scene `trained`; SARA where left out. */
  readonly method?: RunRecord['config']['method'];
  /** Milliseconds between two events of a job. */
  readonly pace?: number;
  readonly demo?: boolean;
  /** Routes that fail, with the error they give. */
  readonly failing?: Partial<Record<RouteName, ErrorShape>>;
  /** Number of data rows. */
  readonly rows?: number;
  readonly smollmFetched?: boolean;
  /** Jobs begin with the preparation of a GPU. */
  readonly preparesGpu?: boolean;
}

type Listener = (payload: WindowEvents[keyof WindowEvents]) => void;
type Handlers = { [R in RouteName]: (input: RouteInput<R>) => RouteOutput<R> | Promise<RouteOutput<R>> };

export interface FakeBridge extends Bridge {
  /** Pushes an event to the window as the main process would. */
  push<N extends keyof WindowEvents>(name: N, payload: WindowEvents[N]): void;
  /** Every request so far, in order. */
  readonly requests: { readonly route: RouteName; readonly input: unknown }[];
}

export function createFakeBridge(options: FakeOptions = {}): FakeBridge {
  const listeners = new Map<keyof WindowEvents, Set<Listener>>();
  const requests: { route: RouteName; input: unknown }[] = [];
  function push<N extends keyof WindowEvents>(name: N, payload: WindowEvents[N]): void {
    for (const listener of listeners.get(name) ?? []) listener(structuredClone(payload));
  }
  const handlers = handlersFor(options, push);
  return {
    requests,
    push,
    async invoke(route, input) {
      requests.push({ route, input });
      const failure = options.failing?.[route];
      if (failure !== undefined) return { ok: false, error: failure };
      await new Promise((resolve) => setTimeout(resolve, 4));
      const handle = handlers[route] as (input: unknown) => unknown;
      return { ok: true, data: structuredClone(await handle(input)) };
    },
    subscribe(name, listener) {
      const set = listeners.get(name) ?? new Set();
      set.add(listener as Listener);
      listeners.set(name, set);
      return () => set.delete(listener as Listener);
    },
    pathOfDroppedFile: async (file) => Promise.resolve(`/home/mara/Downloads/${file.name}`),
  };
}

function projectOf(scene: FakeOptions['scene']): Project {
  const empty: Project = { version: 1, name: '', step: 'model' };
  if (scene === undefined || scene === 'empty') return empty;
  const model: Project = { ...empty, name: 'SmolLM2-135M-Instruct', model: smollm.path };
  if (scene === 'model') return model;
  const path = scene === 'trouble' ? troubledDataset.path : dataset.path;
  const data: Project = {
    ...model,
    name: scene === 'trouble' ? 'SmolLM2-135M-Instruct · support-answers' : 'SmolLM2-135M-Instruct · E2E restaurants',
    step: 'data',
    data: { path, validationShare: 0.1, template: 'chat', completionOnly: true, skipBadRows: false },
  };
  if (scene !== 'trained') return data;
  return {
    ...data,
    step: 'export',
    config: runRecord('run-1', '', 'done', 24, 1.4).config,
    run: '/home/mara/sara/runs/run-1',
  };
}

function handlersFor(options: FakeOptions, push: FakeBridge['push']): Handlers {
  const jobs = new FakeJobs(push, options.pace ?? 60, options.preparesGpu);
  let fetched = options.smollmFetched ?? options.scene !== 'empty';
  let project = projectOf(options.scene);
  let settings: Settings = {
    version: 1,
    theme: options.theme ?? 'system',
    language: 'system',
    threads: 0,
    showAllSettings: false,
    lookForUpdates: false,
    contrast: 'system',
    tourSeen: false,
  };
  const rowCount = options.rows ?? dataset.rows;
  const engine = { light: 'ready', compute: 'ready' } as const;
  const runs = (): HomeContents['runs'] =>
    options.scene === 'empty' || options.scene === undefined
      ? []
      : [
          {
            path: '/home/mara/sara/runs/run-1',
            record: runRecord('run-1', 'E2E restaurants, m 0.035', 'done', 24, 1.413),
            notes: { tags: ['restaurants'], note: 'The one to keep.' },
          },
          {
            path: '/home/mara/sara/runs/run-2',
            record: runRecord('run-2', 'E2E restaurants, m 0.1', 'stopped', 11, 1.702),
            notes: { tags: [], note: '' },
          },
        ];
  return {
    'app.openedFile': () => null,
    'updates.get': () => ({ state: 'idle' }),
    'updates.check': () => ({ state: 'newest' }),
    'updates.download': () => ({ state: 'idle' }),
    'updates.cancel': () => ({ state: 'idle' }),
    'app.info': () => ({
      version: '0.1.0',
      electron: '25.1.1',
      chrome: '114.0.5735.106',
      node: '18.15.0',
      platform: 'linux',
      workspace: '/home/mara/sara',
      notices: [],
      demo: options.demo ?? false,
      dark: false,
      highContrast: options.contrast ?? false,
    }),
    'settings.get': () => settings,
    'settings.update': (patch) => {
      const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
      return (settings = { ...settings, ...given });
    },
    'workspace.home': () => ({
      samples: [
        { id: 'stories', model: stories.path, data: dataset.path, downloadBytes: 0 },
        {
          id: 'smollm2-e2e',
          data: dataset.path,
          downloadBytes: 93_512_704,
          ...(fetched ? { model: smollm.path } : {}),
        },
        {
          id: 'smollm2-gsm8k',
          data: dataset.path,
          downloadBytes: 93_512_704,
          ...(fetched ? { model: smollm.path } : {}),
        },
      ],
      recentModels:
        options.scene === undefined || options.scene === 'empty'
          ? []
          : [
              { path: smollm.path, name: smollm.name, openedAt: '2026-11-23T09:12:00.000Z' },
              { path: '/home/mara/models/Qwen2.5-0.5B', name: 'Qwen2.5-0.5B', openedAt: '2026-11-21T16:40:00.000Z' },
            ],
      runs: runs(),
    }),
    'workspace.deleteRun': () => ({ deleted: true }),
    'workspace.forgetModel': () => ({ forgotten: true }),
    'project.get': () => project,
    'project.save': (saved) => {
      project = saved as Project;
      return { saved: true };
    },
    'project.openSample': ({ id }) => {
      project = {
        ...projectOf('data'),
        step: 'model',
        ...(id === 'stories' ? { name: 'stories260K · E2E', model: stories.path } : {}),
      };
      return project;
    },
    'dialog.openModel': () => ({ path: smollm.path }),
    'menu.enable': () => ({ noted: true }),
    'dialog.openSettings': () => ({ path: '/home/mara/Downloads/first-try.sara.json' }),
    'settingsFile.read': () => settingsFileOf(runRecord('run-1', 'First try', 'done', 24, 1.4).config, 'First try'),
    'folder.kind': () => ({ kind: 'file' }),
    'dialog.openData': () => ({ path: dataset.path }),
    'dialog.chooseOutput': ({ suggestedName }) => ({ path: `/home/mara/${suggestedName}` }),
    'shell.openFolder': () => ({ opened: true }),
    'shell.openLink': () => ({ opened: true }),
    'shell.showLogs': () => ({ opened: true }),
    'shell.showLicences': () => ({ opened: true }),
    'app.diagnostics': () => ({ text: '# SARA Studio: diagnostics\n\n## Versions\n\nSARA Studio 0.1.0\n' }),
    'engine.report': () => report,
    'engine.state': () => engine,
    'engine.restart': () => engine,
    'speed.get': () => ({ measuring: false, measurement: speedMeasurement }),
    'speed.measure': () => ({ measuring: false, measurement: speedMeasurement }),
    'model.inspect': ({ model }) => (model.includes('stories') ? stories : smollm),
    'model.inspectFile': ({ path }) => ({
      path,
      format: 'safetensors',
      bytes: 538_090_408,
      metadata: [{ key: 'format', value: 'pt' }],
      tensors: [{ name: 'model.norm.weight', shape: [576], type: 'F32', bytes: 2_304 }],
      parameters: 576,
    }),
    ...exportRoutes(),
    'data.inspect': ({ path, mapping }) => {
      if (path !== troubledDataset.path) return { ...dataset, path, rows: rowCount };
      return mapping === undefined ? troubledDataset : { ...troubledDataset, layout: 'prompt', notices: [] };
    },
    'data.preview': ({ from, count, sequenceLength, data }) =>
      preview(rowCount, from ?? 0, count ?? 20, sequenceLength, data.template !== 'plain'),
    'data.search': ({ text }) => ({ matches: [], count: 0, rows: text.length > 0 ? rowCount : 0 }),
    'data.place': ({ row }) => ({ index: row <= rowCount ? row - 1 : null }),
    'data.lengths': ({ sequenceLength }) => lengths(rowCount, sequenceLength),
    'train.estimate': estimateOf,
    'train.fit': ({ config, budget }) => {
      const before = estimateOf(config);
      const settings = { batchSize: 4, accumulation: 2 };
      const after = estimateOf({ ...config, ...settings });
      const changes = [{ kind: 'batch', rows: [config.batchSize ?? 8, 4], accumulation: [1, 2] } as const];
      return { changes, settings, before, after, fits: after.memory.total <= (budget ?? after.availableMemory) };
    },
    'study.list': () => keptStudies(),
    'study.open': ({ path }) => keptStudy(path),
    'sweep.list': () => {
      const { folder, sweep, createdAt, trials } = sweepResult('/home/mara/sara/sweeps/rates');
      const finished = trials.length;
      return [{ folder, name: sweep.name, target: 'lab', createdAt, trials: trials.length, finished }];
    },
    'trial.pull': ({ trial }) => {
      const path = `/home/mara/sara/runs/trial-${trial}`;
      return { path, record: runRecord('run-1', 'E2E restaurants', 'done', 24, 1.413) };
    },
    'targets.list': () => targetEntries,
    'targets.save': () => targetEntries,
    'targets.remove': () => [],
    'targets.test': ({ name }) => targetReport(name),
    'sweep.open': ({ folder }) => sweepResult(folder),
    'run.samples': () => ({}),
    'run.open': ({ run }) => ({
      path: run,
      record: withMethod(runRecord('run-1', 'E2E restaurants, m 0.035', 'done', 24, 1.413), options.method),
      notes: { tags: ['restaurants'], note: 'The one to keep.' },
      events: [...trainingEvents(run, 24), ...methodEvents(options.method)],
    }),
    'runs.list': () => runs(),
    ...runRoutes(push),
    'jobs.start': (request) => jobs.start(request, () => (fetched ||= request.kind === 'model.fetchSample')),
    'jobs.control': ({ jobId, action }) => jobs.control(jobId, action),
    'jobs.list': () => jobs.list(),
    'jobs.snapshot': ({ jobId, afterSeq }) => {
      const snapshot = jobs.snapshot(jobId, afterSeq ?? 0);
      if (snapshot === undefined) throw new Error(`No job ${jobId}`);
      return snapshot;
    },
    'window.close': () => ({ closing: true }),
    'demo.report': () => ({ noted: true }),
    'log.renderer': () => ({ logged: true }),
  };
}

function estimateOf(config: RouteInput<'train.estimate'>): Estimate {
  const batch = config.batchSize ?? 8;
  const activations = batch * (config.sequenceLength ?? 512) * 410_000;
  const parts = {
    weights: 538_060_032,
    adapters: 9_760_000,
    optimizer: 19_520_000,
    activations,
    runtime: 320_000_000,
  };
  const training = Object.values(parts).reduce((sum, bytes) => sum + bytes, 0);
  const peaks = { training, evaluation: 1_100_000_000, saving: 870_000_000 };
  const total = Math.max(...Object.values(peaks));
  const disk = { checkpoint: 29_000_000, checkpoints: 116_000_000, shared: 0, records: 2_400_000, total: 118_400_000 };
  return {
    memory: { ...parts, peaks, total },
    disk,
    time: { training: 170, evaluation: 20 },
    availableMemory: report.availableMemory,
    freeDisk: 52_000_000_000,
    fits: total < report.availableMemory,
    fitsDisk: true,
    trainable: 2_440_000,
    parameters: smollm.parameters,
    adapterBytes: 9_760_000,
    equalBudgetLoraRank: 8,
    steps: config.steps ?? 24,
    tokens: 24 * 8 * 64,
    flops: 6.6e12,
    seconds: 190,
    secondsFrom: 'run',
  };
}
