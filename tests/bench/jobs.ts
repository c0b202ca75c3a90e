/**
 * What the two sides are asked to do. The same job goes to SARA Studio's engine (worker/) and to PyTorch (peer/); each
 * side is a process of its own that does one job. Types only.
 */
import type { MethodConfig, TrainConfig } from '../../src-main/contract/requests.schema.ts';
import type { ProductType } from '../../src-main/contract/productTypes.ts';
import type { WeightPrecision } from '../../src-main/contract/weightPrecision.ts';

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
  /** What both sides compute products of matrices in, the peer with torch.autocast; float32 when absent. */
  readonly products?: ProductType;
  /** Where and in which type the peer computes; float32 on the CPU when absent. */
  readonly peerDevice?: { readonly device: 'cuda' | 'cpu'; readonly type: 'bfloat16' | 'float32' };
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
  /** Keep at most so many blocks. */
  readonly most?: number;
  readonly out: string;
}

/** Finds or fetches the sample model's GGUF file. Of the engine alone. */
export interface SampleJob {
  readonly kind: 'sample';
}

/** Writes the sample model as a Hugging Face folder in float32. Of the engine alone. */
export interface ConvertJob {
  readonly kind: 'convert';
  readonly out: string;
}

/** Loss without gradients; a round is all rows once. */
export interface EvaluationJob {
  readonly kind: 'evaluation';
  readonly model: string;
  readonly examples: string;
  readonly batchSize: number;
  /** How our side keeps the weights; as evaluations do when absent. */
  readonly weights?: WeightPrecision;
}

/** Greedy continuation with a key-value cache; a round is all prompts side by side. */
export interface GenerationJob {
  readonly kind: 'generation';
  readonly model: string;
  readonly prompts: readonly (readonly number[])[];
  readonly newTokens: number;
}

/** All singular values of all target matrices. */
export interface SpectraJob {
  readonly kind: 'spectra';
  readonly model: string;
  /** Ranks at each of these are compared. */
  readonly thresholds: readonly number[];
  /** Folder for a cache that is thrown away. */
  readonly folder: string;
}

/** U_k and V_k of all target matrices. */
export interface VectorsJob {
  readonly kind: 'vectors';
  readonly model: string;
  readonly threshold: number;
}

/** From the file to the logits of the token after the prompt; a round loads anew. */
export interface LoadJob {
  readonly kind: 'load';
  readonly model: string;
  readonly prompt: readonly number[];
}

/** A short training, whose adapter is then merged. Of the engine alone. */
export interface AdapterJob {
  readonly kind: 'adapter';
  readonly config: TrainConfig;
  readonly run: string;
  /** The adapter as PEFT reads it. */
  readonly peft: string;
}

/** Merges the adapter into the model and saves that; a round writes anew. */
export interface MergeJob {
  readonly kind: 'merge';
  readonly model: string;
  readonly run: string;
  readonly peft: string;
  readonly out: string;
}

/** Compares the tensors of two merged models. Of the peer alone. */
export interface SameTensorsJob {
  readonly kind: 'same-tensors';
  readonly first: string;
  readonly second: string;
}

/** Saves during a training; a round is some steps and one save. */
export interface CheckpointJob {
  readonly kind: 'checkpoint';
  readonly config: TrainConfig;
  readonly examples: string;
  readonly folder: string;
}

/** Many steps of a small model, watching the memory. Of the engine alone. */
export interface LongJob {
  readonly kind: 'long';
  readonly config: TrainConfig;
  readonly run: string;
  /** Steps between two looks. */
  readonly every: number;
}

/** Nothing but being ready. */
export interface StartJob {
  readonly kind: 'start';
}

/** Where the time of a training step goes. */
export interface ProfileJob {
  readonly kind: 'profile';
  readonly training: TrainingJob;
}

/** A square product in float32; a round is several of them. */
export interface MatMulJob {
  readonly kind: 'matmul';
  readonly size: number;
  readonly times: number;
}

/** Writes a LLaMA with random weights. Of the peer alone. */
export interface RandomModelJob {
  readonly kind: 'random-model';
  readonly out: string;
  readonly layers: number;
  readonly hidden: number;
  readonly intermediate: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly vocabulary: number;
  readonly type: 'float32' | 'bfloat16';
}

export type Job =
  | TrainingJob
  | EpochJob
  | ExamplesJob
  | SampleJob
  | ConvertJob
  | EvaluationJob
  | GenerationJob
  | SpectraJob
  | VectorsJob
  | LoadJob
  | AdapterJob
  | MergeJob
  | SameTensorsJob
  | CheckpointJob
  | LongJob
  | StartJob
  | ProfileJob
  | MatMulJob
  | RandomModelJob;
export type JobOf<Kind extends Job['kind']> = Extract<Job, { kind: Kind }>;

/** Numbers that both sides state under the same name are compared. */
export type Values = Readonly<Record<string, number | readonly number[]>>;

/** What a side says of itself and of the job once it is ready. */
export interface Facts {
  readonly values: Values;
  /** What this side alone can tell. */
  readonly extra?: Readonly<Record<string, number>>;
  readonly texts?: Readonly<Record<string, string>>;
  /** Long lists, for charts. */
  readonly lists?: Readonly<Record<string, readonly number[]>>;
}

/** One round of a job. */
export interface Outcome {
  /** Wall time of the work itself. */
  readonly seconds: number;
  /** Numbers that both sides must agree on. */
  readonly values: Values;
  /** What this side alone can tell. */
  readonly extra?: Readonly<Record<string, number>>;
}

/** To a side, one line of JSON each; it answers each with a line that begins with {@link answerMark}. */
export type Request = { readonly open: Job } | { readonly run: number } | { readonly end: true };
export type Answer<T> = { readonly value: T } | { readonly error: string };

/** Libraries write to stdout as they please. */
export const answerMark = '@bench ';
