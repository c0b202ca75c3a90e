/** Jobs: long engine operations as the window sees them. */
import type { ErrorShape } from './errors.ts';
import type { ControlAction, EngineOperations } from './engine.ts';
import type { JobSubject } from './jobTitle.ts';

/** The operations that run as jobs. */
export type JobKind =
  | 'model.fetchSample'
  | 'analysis.run'
  | 'train.run'
  | 'train.resume'
  | 'train.runOn'
  | 'data.check'
  | 'evaluate.run'
  | 'evaluate.task'
  | 'generate.run'
  | 'gates.run'
  | 'calibrate.run'
  | 'export.run'
  | 'adapter.compress'
  | 'study.run'
  | 'sweep.run'
  | 'sweep.runOn'
  | 'export.verify'
  | 'publish.run';
export type JobState = 'queued' | 'running' | 'paused' | 'done' | 'failed' | 'cancelled';
export type JobAction = ControlAction | 'cancel';

export interface JobSummary {
  readonly id: string;
  readonly kind: JobKind;
  readonly about: JobSubject;
  readonly state: JobState;
  /** When it began to run, or was queued while it waits; milliseconds since 1970. */
  readonly startedAt: number;
  readonly finishedAt?: number;
  /** Run folder of a training, once it is known, of a resumption, or of an export. */
  readonly run?: string;
  /** What it is doing, e.g. `loading`, `training`, `verifying`; `fraction` then counts within this phase. */
  readonly phase?: string;
  readonly error?: ErrorShape;
  /** 0 … 1 where known. */
  readonly fraction?: number;
  readonly etaSeconds?: number;
}

/** One event of a job; `seq` counts from 1 without gaps, so that a reloaded window can catch up. */
export interface JobEvent<K extends JobKind = JobKind> {
  readonly jobId: string;
  readonly kind: K;
  readonly seq: number;
  readonly event: EngineOperations[K]['event'];
}

/** State and all kept events (long series are thinned) of a job. */
export interface JobSnapshot {
  readonly job: JobSummary;
  readonly events: readonly JobEvent[];
  readonly result?: unknown;
}
