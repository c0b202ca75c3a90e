/**
 * What the two sides are asked to do. The same job goes to SARA Studio's engine (worker/) and to PyTorch (peer/); each
 * side is a process of its own that does one job. Types only.
 */
import type { MethodConfig, TrainConfig } from '../../src-main/contract/requests.schema.ts';

/** Rows as tokens, in a file that both sides read. */
export interface ExamplesFile {
  readonly examples: readonly { readonly ids: readonly number[]; readonly loss: readonly (0 | 1)[] }[];
}

/** Optimizer steps, a round being one step over the batch of that number. */
export interface TrainingJob {
  readonly kind: 'training';
  readonly model: string;
  /** Its adapters are made by the engine and read by the peer from `start`, so that both train the same. */
  readonly method: MethodConfig;
  readonly start: string;
  readonly examples: string;
  readonly batchSize: number;
  readonly learningRate: number;
  /** Recompute activations in the backward pass. */
  readonly recompute: boolean;
}

/** An epoch as people run it: the engine's own training operation; a Trainer-like loop on the other side. */
export interface EpochJob {
  readonly kind: 'epoch';
  readonly config: TrainConfig;
  readonly examples: string;
  /** Folder for what a run writes. */
  readonly runs: string;
}

/** Makes what the jobs of both sides read. Of the engine alone. */
export interface ExamplesJob {
  readonly kind: 'examples';
  readonly config: TrainConfig;
  /** Cut the text of all rows into blocks of this many tokens, all of them with loss. */
  readonly blockLength?: number;
  readonly out: string;
}

/** Writes a model as a Hugging Face folder in float32. Of the engine alone. */
export interface ConvertJob {
  readonly kind: 'convert';
  readonly out: string;
}

export type Job = TrainingJob | EpochJob | ExamplesJob | ConvertJob;
export type JobOf<Kind extends Job['kind']> = Extract<Job, { kind: Kind }>;

/** What a side says of itself and of the job once it is ready; numbers that both state are compared. */
export type Facts = Readonly<Record<string, string | number | readonly number[]>>;

/** One round of a job. */
export interface Outcome {
  /** Wall time of the work itself. */
  readonly seconds: number;
  /** Numbers that both sides must agree on. */
  readonly values: Readonly<Record<string, number | readonly number[]>>;
  /** What this side alone can tell. */
  readonly extra?: Readonly<Record<string, number>>;
}

/** To a side, one line of JSON each; it answers each with a line that begins with {@link answerMark}. */
export type Request = { readonly open: Job } | { readonly run: number } | { readonly end: true };
export type Answer<T> = { readonly value: T } | { readonly error: string };

/** Libraries write to stdout as they please. */
export const answerMark = '@bench ';
