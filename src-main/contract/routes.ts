/** Outputs of the routes and the events pushed to the window. Types only. */
import type { z } from 'zod';
import type { Comparison } from './comparison.schema.ts';
import type { OperationOutput } from './engine.ts';
import type { EarlierExport } from './exports.ts';
import type { HubAccount } from './hub.ts';
import type { JobEvent, JobSnapshot, JobSummary } from './jobs.ts';
import type { MenuCommand } from './menu.ts';
import type { QueueState } from './queue.ts';
import type { routeSchemas } from './routes.schema.ts';
import type { RunNotes } from './runNotes.schema.ts';
import type { Project, Settings } from './settings.schema.ts';
import type { SettingsFile } from './settingsFile.schema.ts';
import type { RunSamples } from './samples.ts';
import type { SpeedState } from './speed.ts';
import type { TargetEntry } from './targets.ts';
import type { RunRecord, TrainEvent } from './training.ts';
import type { UpdateState } from './updates.ts';

export interface AppInfo {
  readonly version: string;
  readonly electron: string;
  readonly chrome: string;
  readonly node: string;
  readonly platform: string;
  readonly workspace: string;
  /** Why the app draws on a virtual display or without sandbox, in words; empty when all is normal. */
  readonly notices: readonly string[];
  /** True when the window is to drive the sample path by itself and tell of it through `demo.report`. */
  readonly demo: boolean;
  readonly dark: boolean;
  readonly highContrast: boolean;
}

/** `broken`: failed three times in a row; starts again after `engine.restart`. */
export type EngineLaneState = 'stopped' | 'starting' | 'ready' | 'stopping' | 'broken';
export interface EngineState {
  readonly light: EngineLaneState;
  readonly compute: EngineLaneState;
}

export interface SampleProject {
  readonly id: 'stories' | 'smollm2-e2e' | 'smollm2-gsm8k';
  /** Path of the model; undefined while it has to be fetched. */
  readonly model?: string;
  readonly data: string;
  readonly downloadBytes: number;
}

export interface HomeContents {
  readonly samples: readonly SampleProject[];
  readonly recentModels: readonly { readonly path: string; readonly name: string; readonly openedAt: string }[];
  readonly runs: readonly RunSummary[];
}

export interface RunSummary {
  readonly path: string;
  /** Without its matrices, of which a list of a thousand runs would hold hundreds of thousands. */
  readonly record: Omit<RunRecord, 'ranks'>;
  readonly notes: RunNotes;
}

/** The numbers of a training over its steps; arrays of one length, thinned evenly, the last step always there. */
export interface RunCurves {
  readonly run: string;
  readonly step: readonly number[];
  readonly loss: readonly number[];
  readonly lr: readonly number[];
  readonly gradNorm: readonly number[];
  readonly tokensPerSecond: readonly number[];
  /** Real tokens seen, and seconds of training, up to each step. */
  readonly tokens: readonly number[];
  readonly elapsedSeconds: readonly number[];
  readonly validation: { readonly step: readonly number[]; readonly loss: readonly number[] };
}

/** A checkpoint that is there to be used. */
export interface CheckpointChoice {
  readonly step: number;
  readonly best: boolean;
  readonly last: boolean;
}

/** A comparison as a list shows it. */
export interface ComparisonSummary {
  readonly id: string;
  readonly name: string;
  readonly savedAt: string;
  readonly turns: number;
}

export interface OpenedRun {
  readonly path: string;
  readonly record: RunRecord;
  readonly notes: RunNotes;
  /** All kept training events, thinned to at most 4,000 steps. */
  readonly events: readonly TrainEvent[];
}

/** What a dropped path is: a file, or a folder with a model, with data, or with neither. */
export type FolderKind = 'file' | 'model' | 'data' | 'other';

/** A run that came home. */
export interface RunFolder {
  readonly path: string;
  readonly record: RunRecord;
}

export interface RouteOutputs {
  'app.info': AppInfo;
  'app.diagnostics': { readonly text: string };
  /** Null when none waits. */
  'app.openedFile': { readonly path: string } | null;
  'settings.get': Settings;
  'settings.update': Settings;
  'workspace.home': HomeContents;
  'workspace.deleteRun': { readonly deleted: boolean };
  'runs.list': readonly RunSummary[];
  'runs.annotate': RunNotes;
  'runs.curves': readonly RunCurves[];
  'run.checkpoints': readonly CheckpointChoice[];
  'queue.get': QueueState;
  'queue.add': { readonly id: string };
  'queue.move': { readonly moved: boolean };
  'queue.remove': { readonly removed: boolean };
  'queue.hold': QueueState;
  'comparisons.list': readonly ComparisonSummary[];
  'comparisons.open': Comparison;
  'comparisons.save': { readonly saved: true };
  'comparisons.delete': { readonly deleted: true };
  'workspace.forgetModel': { readonly forgotten: true };
  'menu.enable': { readonly noted: true };
  'project.get': Project;
  'project.save': { readonly saved: true };
  'project.openSample': Project;
  'dialog.openModel': { readonly path: string } | null;
  'dialog.openData': { readonly path: string } | null;
  'dialog.openSettings': { readonly path: string } | null;
  'settingsFile.read': SettingsFile;
  'folder.kind': { readonly kind: FolderKind };
  'dialog.chooseOutput': { readonly path: string } | null;
  'shell.openFolder': { readonly opened: boolean };
  'shell.openLink': { readonly opened: boolean };
  'engine.report': OperationOutput<'engine.report'>;
  'engine.state': EngineState;
  'engine.restart': EngineState;
  'speed.get': SpeedState;
  'speed.measure': SpeedState;
  'model.inspect': OperationOutput<'model.inspect'>;
  'model.inspectFile': OperationOutput<'model.inspectFile'>;
  'models.find': OperationOutput<'models.find'>;
  'models.stopFinding': { readonly stopped: boolean };
  'data.inspect': OperationOutput<'data.inspect'>;
  'data.preview': OperationOutput<'data.preview'>;
  'data.lengths': OperationOutput<'data.lengths'>;
  'data.heldOut': OperationOutput<'data.heldOut'>;
  'data.search': OperationOutput<'data.search'>;
  'data.place': OperationOutput<'data.place'>;
  'train.estimate': OperationOutput<'train.estimate'>;
  'train.fit': OperationOutput<'train.fit'>;
  'export.choices': OperationOutput<'export.choices'>;
  'export.report': OperationOutput<'export.report'>;
  'export.history': readonly EarlierExport[];
  'export.suggestFolder': { readonly path: string };
  'hub.account': HubAccount;
  'hub.saveToken': HubAccount;
  'hub.forgetToken': HubAccount;
  'run.open': OpenedRun;
  'run.samples': RunSamples;
  'study.list': OperationOutput<'study.list'>;
  'study.open': OperationOutput<'study.open'>;
  'sweep.list': OperationOutput<'sweep.list'>;
  'sweep.open': OperationOutput<'sweep.open'>;
  'trial.pull': RunFolder;
  'targets.list': readonly TargetEntry[];
  'targets.save': readonly TargetEntry[];
  'targets.remove': readonly TargetEntry[];
  'targets.test': OperationOutput<'target.test'>;
  'jobs.start': { readonly jobId: string };
  'jobs.control': { readonly accepted: boolean };
  'jobs.list': readonly JobSummary[];
  'jobs.snapshot': JobSnapshot;
  'window.close': { readonly closing: boolean };
  'demo.report': { readonly noted: true };
  'updates.get': UpdateState;
  'updates.check': UpdateState;
  'updates.download': UpdateState;
  'updates.cancel': UpdateState;
  'shell.showLogs': { readonly opened: boolean };
  'shell.showLicences': { readonly opened: boolean };
  'log.renderer': { readonly logged: true };
}

export type RouteName = keyof typeof routeSchemas & keyof RouteOutputs;
/** Input as the window writes it: defaults may be left out. */
export type RouteInput<R extends RouteName> = z.input<(typeof routeSchemas)[R]>;
/** Input as the handler gets it, defaults filled in. */
export type ParsedInput<R extends RouteName> = z.output<(typeof routeSchemas)[R]>;
export type RouteOutput<R extends RouteName> = RouteOutputs[R];

/** Events pushed to every window. */
export interface WindowEvents {
  'job.event': JobEvent;
  'job.state': JobSummary & { readonly result?: unknown };
  /** A menu entry or shortcut of the native menu. */
  'menu.command': {
    readonly command: MenuCommand;
  };
  /** A recent file was chosen in the menu. */
  'recent.chosen': { readonly kind: 'model' | 'data'; readonly path: string };
  'theme.changed': { readonly dark: boolean; readonly highContrast: boolean };
  /** The window is asked to close while a job runs. */
  'close.requested': { readonly runningJobs: readonly JobSummary[] };
  'engine.state': EngineState;
  'queue.changed': QueueState;
  'updates.changed': UpdateState;
  'speed.changed': SpeedState;
  /** The system asked the app to open a file; `app.openedFile` tells which. */
  'file.opened': { readonly waiting: true };
}
export type WindowEventName = keyof WindowEvents;

/** What the preload puts on `window.bridge`. */
export interface Bridge {
  invoke(route: RouteName, input: unknown): Promise<unknown>;
  subscribe<N extends WindowEventName>(name: N, listener: (payload: WindowEvents[N]) => void): () => void;
  /** Path of a dropped file, granted to the window by main; empty when it is not a file. */
  pathOfDroppedFile(file: File): Promise<string>;
}
