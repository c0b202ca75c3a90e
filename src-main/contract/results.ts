/** What evaluation, generation, merging and the machine report give back. */
import type { ExportFormat } from './exportFormats.ts';
import type { FrozenGateLoss } from './gates.ts';

export interface EvaluateResult {
  readonly loss: number;
  readonly perplexity: number;
  /** Tokens that carried loss. */
  readonly tokens: number;
  readonly rows: number;
  /** 0 … 100, as sacrebleu. */
  readonly bleu?: number;
  /** 0 … 1, as rouge-score. */
  readonly 'rouge-l'?: number;
}

export interface GenerateResult {
  /** New tokens, without the prompt. */
  readonly ids: readonly number[];
  readonly text: string;
  readonly stopped: 'end-token' | 'stop-text' | 'length';
  readonly tokensPerSecond: number;
}

/** Text that became final: whole characters, in order; the pieces joined are the text of the result. */
export interface GenerateEvent {
  readonly text: string;
}

export interface ExportedFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** A tensor as it was planned and found in the written files. */
export interface ExportedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: string;
  readonly bytes: number;
}

export interface ExportCheck {
  readonly name: string;
  readonly passed: boolean;
  readonly value: string;
  readonly bound: string;
}

export interface ExportResult {
  readonly out: string;
  readonly files: readonly ExportedFile[];
  readonly format?: ExportFormat;
  /** Type that most weights are stored in, e.g. `F16` or `Q4_K`. */
  readonly type?: string;
  /** Things worth knowing about this export that are no fault of it. */
  readonly notes?: readonly string[];
  /** Gates were frozen for this export: what that costs. The comparison below is with the frozen gates. */
  readonly frozenGates?: FrozenGateLoss;
  /** Every tensor of the files, as planned. */
  readonly tensors?: readonly ExportedTensor[];
  /** Present where the base is stored in a type that rounds. */
  readonly baseRounding?: BaseRounding;
  /** How long it took, the proof included. */
  readonly seconds?: number;
  /** Model in memory against the model re-read from the written files, over held-out rows. */
  readonly maxAbsLogitDiff: number;
  readonly kl: number;
  readonly topOneAgreement: number;
  /** Positions compared. */
  readonly positions: number;
  readonly checks: readonly ExportCheck[];
}

/**
 * What the quantisation of the base costs. Its original weights are not there, so the loss itself is unknown; measured is
 * how far its weights must lie from them by its own steps, and what a second rounding of that size does to the answers.
 */
export interface BaseRounding {
  /** The type most weights are stored in. */
  readonly type: string;
  /** Expected ‖original − stored‖ / ‖stored‖, from the steps between stored values. */
  readonly relativeError: number;
  /** Answers before and after noise of that size, over the positions of the proof. */
  readonly kl: number;
  readonly topOneAgreement: number;
}

/** Details of VERIFICATION_FAILED. */
export interface FailedProof {
  readonly checks: readonly ExportCheck[];
  readonly likelyCause: string;
}

/** What `sara verify` finds: the same comparison as after writing. */
export interface VerifyResult {
  readonly path: string;
  readonly format: ExportFormat;
  readonly type: string;
  readonly passed: boolean;
  /** One clause; absent when everything passed. */
  readonly likelyCause?: string;
  readonly maxAbsLogitDiff: number;
  readonly kl: number;
  readonly topOneAgreement: number;
  readonly positions: number;
  readonly checks: readonly ExportCheck[];
}

/** What stands in one safetensors or GGUF file. */
export interface FileContents {
  readonly path: string;
  readonly format: 'safetensors' | 'gguf';
  readonly bytes: number;
  readonly metadata: readonly { readonly key: string; readonly value: unknown }[];
  /** In the order of the file. `bytes` is absent for a type whose block size is not known here. */
  readonly tensors: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly type: string;
    readonly bytes?: number;
  }[];
  /** Number of values over all tensors. */
  readonly parameters: number;
  /** What to open to use the model that the file belongs to: the file itself, or its folder; absent when it is none. */
  readonly model?: string;
}

/** Whether and how large a model can be exported in each format. */
export interface ExportChoice {
  readonly format: ExportFormat;
  /** Why it is not possible, one sentence; absent when it is. */
  readonly refusal?: string;
  /** Possible only with frozen gates (`freezeGates` of the request): the run’s adapter depends on the input. */
  readonly needsFrozenGates?: true;
  /** Bytes of the weights by type, for each type the format offers; adapters: at the ranks of the run. */
  readonly bytes: Readonly<Record<string, number>>;
  /** How long it should take, from exports measured on this computer; absent before there was one. */
  readonly seconds?: number;
}

/** One matrix before and after `adapter.compress`. */
export interface CompressedMatrix {
  readonly name: string;
  readonly layer: number;
  readonly module: string;
  /** [d_out, d_in] */
  readonly shape: readonly [number, number];
  /** Rank that ΔW is stored at in the run. */
  readonly oldRank: number;
  readonly newRank: number;
  /** Share of Σσ² of this ΔW that is kept. */
  readonly kept: number;
}

/** A run’s adapters cut at one share of their energy. */
export interface CompressedAdapter {
  readonly energy: number;
  /** In the order of the run. */
  readonly matrices: readonly CompressedMatrix[];
  /** Values of the adapter: Σ rank · (d_out + d_in). */
  readonly parameters: number;
  /** Bytes of the adapter as float32. */
  readonly bytes: number;
  /** Held-out loss, measured; null where the run holds no rows out. */
  readonly loss: number | null;
}

export interface CompressResult {
  readonly run: string;
  readonly step: number;
  /** The adapter as it was trained. */
  readonly before: { readonly parameters: number; readonly bytes: number; readonly loss: number | null };
  /** One for each energy asked for, in that order. */
  readonly compressed: readonly CompressedAdapter[];
  /** The new run, where one was asked for: it is evaluated and exported like any other. */
  readonly out?: string;
}

export interface ProgressEvent {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
}

/** `cpu-build`: this TensorFlow has no GPU kernels; `mac`: none has; `no-driver`, `no-device`: the CUDA build finds nothing. */
export type NoGpuCause = 'cpu-build' | 'mac' | 'no-driver' | 'no-device';

export interface EngineReport {
  readonly package: '@tensorflow/tfjs-node-gpu' | '@tensorflow/tfjs-node';
  readonly packageVersion: string;
  readonly tensorflowVersion: string;
  readonly flavour: 'cpu' | 'cuda';
  readonly device: 'cpu' | 'gpu';
  /** Why the GPU is not used, one sentence; absent when it is. */
  readonly noGpuReason?: string;
  /** What kind of reason that is, for what to do about it. */
  readonly noGpuCause?: NoGpuCause;
  readonly oneDnn: boolean;
  readonly threads: number;
  readonly cpu: string;
  readonly cores: number;
  readonly totalMemory: number;
  readonly availableMemory: number;
  readonly node: string;
  readonly electron?: string;
  readonly startMilliseconds: number;
}
