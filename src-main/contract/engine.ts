/**
 * The operations of the engine: one map for the command line, the desktop app and the tests. An operation takes one
 * validated input, may send events while it runs, and gives one output. Types only.
 */
import type { z } from 'zod';
import type { Analysis, AnalysisEvent } from './analysis.ts';
import type { DataCheck } from './dataCheck.ts';
import type { DataPreview, DatasetSummary, HeldOutRow, LengthStatistics, RowMatches } from './data.ts';
import type { Calibration, TextGates } from './gates.ts';
import type { StoredExport } from './exports.ts';
import type { Fit } from './fit.ts';
import type { FoundModels } from './found.ts';
import type { PublishResult } from './hub.ts';
import type { ModelSummary } from './model.ts';
import type * as schema from './requests.schema.ts';
import type {
  CompressResult,
  EngineReport,
  EvaluateResult,
  ExportChoice,
  ExportResult,
  FileContents,
  GenerateEvent,
  GenerateResult,
  ProgressEvent,
  VerifyResult,
} from './results.ts';
import type { MeasuredRate } from './speed.ts';
import type * as studies from './studies.schema.ts';
import type { StudyEvent, StudyResult, StudySummary } from './studies.ts';
import type * as sweeps from './sweeps.schema.ts';
import type { SweepEvent, SweepResult, SweepSummary } from './sweeps.ts';
import type * as targets from './targets.schema.ts';
import type { ClusterJob, TargetReport } from './targets.ts';
import type { TaskResult } from './tasks.ts';
import type { Estimate, RunRecord, TrainEvent } from './training.ts';

interface Operation<Schema extends z.ZodType, Output, Event = never> {
  readonly input: z.infer<Schema>;
  readonly output: Output;
  readonly event: Event;
}

export interface EngineOperations {
  'engine.report': Operation<typeof schema.nothingSchema, EngineReport>;
  'speed.measure': Operation<typeof schema.nothingSchema, MeasuredRate>;
  'model.inspect': Operation<typeof schema.modelRequestSchema, ModelSummary>;
  'model.inspectFile': Operation<typeof schema.inspectFileRequestSchema, FileContents>;
  'models.find': Operation<typeof schema.nothingSchema, FoundModels>;
  'model.fetchSample': Operation<typeof schema.fetchSampleRequestSchema, { path: string }, ProgressEvent>;
  'analysis.run': Operation<typeof schema.analysisRequestSchema, Analysis, AnalysisEvent | ProgressEvent>;
  'data.inspect': Operation<typeof schema.dataRequestSchema, DatasetSummary>;
  'data.preview': Operation<typeof schema.previewRequestSchema, DataPreview>;
  'data.lengths': Operation<typeof schema.lengthsRequestSchema, LengthStatistics>;
  'data.search': Operation<typeof schema.searchRequestSchema, RowMatches>;
  'data.place': Operation<typeof schema.placeRequestSchema, { readonly index: number | null }>;
  'data.check': Operation<typeof schema.dataCheckRequestSchema, DataCheck, ProgressEvent>;
  'data.heldOut': Operation<typeof schema.heldOutRequestSchema, readonly HeldOutRow[]>;
  'train.estimate': Operation<typeof schema.trainConfigSchema, Estimate>;
  'train.fit': Operation<typeof schema.fitRequestSchema, Fit>;
  'train.run': Operation<typeof schema.trainRequestSchema, RunRecord, TrainEvent>;
  'train.resume': Operation<typeof schema.runRequestSchema, RunRecord, TrainEvent>;
  'evaluate.run': Operation<typeof schema.evaluateRequestSchema, EvaluateResult, ProgressEvent>;
  'evaluate.task': Operation<typeof schema.evaluateTaskRequestSchema, TaskResult, ProgressEvent>;
  'generate.run': Operation<typeof schema.generateRequestSchema, GenerateResult, GenerateEvent | ProgressEvent>;
  'gates.run': Operation<typeof schema.gatesRequestSchema, TextGates>;
  'calibrate.run': Operation<typeof schema.calibrationRequestSchema, Calibration, ProgressEvent>;
  'export.run': Operation<typeof schema.exportRequestSchema, ExportResult, ProgressEvent>;
  'adapter.compress': Operation<typeof schema.compressRequestSchema, CompressResult, ProgressEvent>;
  'export.verify': Operation<typeof schema.verifyRequestSchema, VerifyResult>;
  'export.choices': Operation<typeof schema.exportChoicesRequestSchema, readonly ExportChoice[]>;
  'study.run': Operation<typeof studies.studyRunRequestSchema, StudyResult, StudyEvent>;
  'study.list': Operation<typeof studies.studyListRequestSchema, readonly StudySummary[]>;
  'study.open': Operation<typeof studies.studyOpenRequestSchema, StudyResult>;
  'sweep.run': Operation<typeof sweeps.sweepRunRequestSchema, SweepResult, SweepEvent>;
  'sweep.list': Operation<typeof sweeps.sweepListRequestSchema, readonly SweepSummary[]>;
  'sweep.open': Operation<typeof sweeps.sweepOpenRequestSchema, SweepResult>;
  'sweep.runOn': Operation<typeof sweeps.sweepRunOnRequestSchema, SweepResult, SweepEvent>;
  'train.runOn': Operation<typeof sweeps.trainOnRequestSchema, RunRecord, TrainEvent>;
  'trial.pull': Operation<typeof sweeps.trialPullRequestSchema, RunRecord>;
  'target.test': Operation<typeof targets.targetRequestSchema, TargetReport>;
  'target.jobs': Operation<typeof targets.targetRequestSchema, readonly ClusterJob[]>;
  'target.stop': Operation<typeof targets.targetStopRequestSchema, { readonly stopped: boolean }>;
  'export.report': Operation<typeof schema.inspectFileRequestSchema, StoredExport>;
  'publish.run': Operation<typeof schema.publishRequestSchema, PublishResult, ProgressEvent>;
}

export type OperationName = keyof EngineOperations;
export type OperationInput<N extends OperationName> = EngineOperations[N]['input'];
export type OperationOutput<N extends OperationName> = EngineOperations[N]['output'];
export type OperationEvent<N extends OperationName> = EngineOperations[N]['event'];

/**
 * Where an operation runs. `light` operations read files and never load TensorFlow: they have a process of their own
 * and answer while `compute` operations, one at a time, keep the other process busy.
 */
export const operationLanes = {
  'engine.report': 'compute',
  'speed.measure': 'compute',
  'model.inspect': 'light',
  'model.inspectFile': 'light',
  'models.find': 'light',
  'model.fetchSample': 'light',
  'analysis.run': 'compute',
  'data.inspect': 'light',
  'data.preview': 'light',
  'data.lengths': 'light',
  'data.search': 'light',
  'data.place': 'light',
  'data.check': 'light',
  'data.heldOut': 'light',
  'train.estimate': 'light',
  'train.fit': 'light',
  'train.run': 'compute',
  'train.resume': 'compute',
  'evaluate.run': 'compute',
  'evaluate.task': 'compute',
  'generate.run': 'compute',
  'gates.run': 'compute',
  'calibrate.run': 'compute',
  'export.run': 'compute',
  'adapter.compress': 'compute',
  'export.verify': 'compute',
  'export.choices': 'light',
  'study.run': 'compute',
  'study.list': 'light',
  'study.open': 'light',
  'sweep.run': 'compute',
  'sweep.list': 'light',
  'sweep.open': 'light',
  'sweep.runOn': 'light',
  'train.runOn': 'light',
  'trial.pull': 'light',
  'target.test': 'light',
  'target.jobs': 'light',
  'target.stop': 'light',
  'export.report': 'light',
  'publish.run': 'light',
} as const satisfies Record<OperationName, 'light' | 'compute'>;

/** What can be asked of a running training. */
export type ControlAction = 'pause' | 'continue' | 'stop' | 'checkpoint';

/** What an operation gets besides its input. */
export interface OperationContext<Event> {
  /** Aborted on cancel; long work checks it at every step. */
  readonly signal: AbortSignal;
  emit(event: Event): void;
  /** Control actions asked for since the last call, oldest first. */
  takeControls(): ControlAction[];
}

/** All operations as functions: what an engine process serves and the command line calls. */
export type Operations = {
  readonly [N in OperationName]: (
    input: OperationInput<N>,
    context: OperationContext<OperationEvent<N>>,
  ) => Promise<OperationOutput<N>>;
};

export type Lane = (typeof operationLanes)[OperationName];
