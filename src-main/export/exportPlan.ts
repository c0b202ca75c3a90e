/** The borders between the formats and the exporter that writes and proves them. Types only. */
import type { ExportFormat, FloatTypeName, GgufQuant } from '../contract/exportFormats.ts';
import type { Calibration } from '../contract/gates.ts';
import type { RunRecord } from '../contract/training.ts';
import type { TokenBatch } from '../decoder/batch.ts';
import type { AdapterSet } from '../methods/types.ts';
import type { OpenedModel, StoredType } from '../models/types.ts';
import type { Kernels } from '../tensor/kernels.ts';
import type { WeightRows } from './mergedWeights.ts';

/** What is exported. */
export interface ExportSource {
  readonly model: OpenedModel;
  readonly kernels: Kernels;
  /** Undefined for a model as it is. */
  readonly adapters: AdapterSet | undefined;
  readonly run: ExportedRun | undefined;
  /** The means that the gates of the adapters are frozen at, and what that costs. */
  readonly frozenGates?: Calibration | undefined;
  /** What the result is called: the last part of the output’s path. */
  readonly name: string;
  readonly appVersion: string;
  readonly dtype?: FloatTypeName | undefined;
  readonly quant?: GgufQuant | undefined;
  /** Largest size of one weights file of a Hugging Face folder. */
  readonly shardBytes?: number | undefined;
}

export interface ExportedRun {
  readonly record: RunRecord;
  readonly step: number;
}

/** Rows of data on which the written files are compared with what they were made from. */
export interface Probe {
  readonly batch: TokenBatch;
  /** Token ids of prompts to be answered. */
  readonly prompts: readonly (readonly number[])[];
  /** Texts whose tokens must be the same. */
  readonly texts: readonly string[];
}

export interface PlannedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: StoredType;
  readonly bytes: number;
}

export interface WriteProgress {
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

/** Everything about an export that is known before the first byte is written. */
export interface ExportPlan {
  readonly format: ExportFormat;
  /** The type most weights are written in: what the comparison is allowed to cost. */
  readonly type: StoredType;
  /** Tensors as the files will hold them. */
  readonly tensors: readonly PlannedTensor[];
  /** The merged weights; absent for adapters. */
  readonly weights?: readonly WeightRows[];
  /** Things the person should know about this export. */
  readonly notes: readonly string[];
  /** Rows of the comparison are cut to this, where the format cannot hold what matters beyond. */
  readonly longestRow?: number;
  /** The file that is the export, where one file is enough for the programs it is made for. */
  readonly mainFile?: string;
  /** @returns the sha256 of each file of weights as it was handed to the disk, by name, where it is known */
  write(folder: string, progress: WriteProgress): Promise<ReadonlyMap<string, string>>;
}
