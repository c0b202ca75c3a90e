/** What evaluation, generation, merging and the machine report give back. */

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
  readonly stopped: 'end-token' | 'length';
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

export interface ExportCheck {
  readonly name: string;
  readonly passed: boolean;
  readonly value: string;
  readonly bound: string;
}

export interface ExportResult {
  readonly out: string;
  readonly files: readonly ExportedFile[];
  /** Adapter in memory against the model re-read from the written files, over held-out rows. */
  readonly maxAbsLogitDiff: number;
  readonly kl: number;
  readonly topOneAgreement: number;
  /** Positions compared. */
  readonly positions: number;
  readonly checks: readonly ExportCheck[];
}

export interface ProgressEvent {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
}

export interface EngineReport {
  readonly package: '@tensorflow/tfjs-node-gpu' | '@tensorflow/tfjs-node';
  readonly packageVersion: string;
  readonly tensorflowVersion: string;
  readonly flavour: 'cpu' | 'cuda';
  readonly device: 'cpu' | 'gpu';
  /** Why the GPU is not used, one sentence; absent when it is. */
  readonly noGpuReason?: string;
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
