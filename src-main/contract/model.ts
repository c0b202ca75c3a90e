/** What is said of a model without loading its weights. */

export type ModelFormat = 'hf' | 'gguf';

/** A weight matrix that an adapter can be put on, as stored in the model. */
export interface TargetMatrix {
  /** Module path without `.weight`, e.g. `model.layers.0.self_attn.q_proj`. */
  readonly name: string;
  readonly layer: number;
  /** Last part of the path, e.g. `q_proj`. */
  readonly module: string;
  /** [d_out, d_in], whatever the file's own order. */
  readonly shape: readonly [number, number];
}

export interface ModelSummary {
  readonly path: string;
  readonly name: string;
  readonly format: ModelFormat;
  /** `model_type` of config.json or `general.architecture` of a GGUF file. */
  readonly family: string;
  /** False where the family has no forward pass here; its spectra can still be analysed. */
  readonly trainable: boolean;
  /** Why it cannot be trained, one sentence; absent when it can. */
  readonly reason?: string;
  readonly parameters: number;
  /** Bytes of the weights on disk, and in memory as float32. */
  readonly bytes: number;
  readonly bytesInMemory: number;
  /** Distinct stored types, the most common first, e.g. ['Q4_1', 'F32']. */
  readonly dtypes: readonly string[];
  readonly layers: number;
  readonly hiddenSize: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly vocabularySize: number;
  readonly contextLength: number;
  readonly tiedEmbeddings: boolean;
  readonly hasChatTemplate: boolean;
  readonly licence?: string;
  readonly targets: readonly TargetMatrix[];
  /** Things worth knowing that do not prevent use. */
  readonly warnings: readonly string[];
}

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}
