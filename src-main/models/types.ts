/** The borders between model files, tokenizers and the decoder. Types only. */
import type { ChatMessage, ModelSummary } from '../contract/model.ts';

/** Element types a weight can be stored in; GGUF block types by their usual names. */
export type StoredType =
  | 'F64'
  | 'F32'
  | 'F16'
  | 'BF16'
  | 'Q4_0'
  | 'Q4_1'
  | 'Q5_0'
  | 'Q5_1'
  | 'Q8_0'
  | 'Q2_K'
  | 'Q3_K'
  | 'Q4_K'
  | 'Q5_K'
  | 'Q6_K'
  | 'IQ4_NL'
  | 'IQ4_XS';

export interface TensorInfo {
  /** Hugging Face name, e.g. `model.layers.0.self_attn.q_proj.weight`, whatever the file calls it. */
  readonly name: string;
  /** As Hugging Face stores it, row-major: [d_out, d_in] for a Linear weight, [in, out] for GPT-2's Conv1D. */
  readonly shape: readonly number[];
  readonly type: StoredType;
  /** Bytes in the file. */
  readonly bytes: number;
}

/**
 * Weights under Hugging Face names and layouts, read in bounded pieces. A GGUF source has already undone the q/k
 * permutation of the llama family.
 */
export interface WeightSource {
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** sha256 over names, types, shapes and data of all weights (hex); remembered by path, size and time. */
  hash(signal?: AbortSignal): Promise<string>;
  /**
   * Rows `from … from+count-1` of a tensor (first dimension; a vector is one row per element) as float32.
   * @param into room for exactly these rows, which may be used and returned instead of new memory
   * @throws AppError TENSOR_MISSING, SAFETENSORS_INVALID, GGUF_INVALID
   */
  readRows(name: string, from: number, count: number, into?: Float32Array): Promise<Float32Array>;
  close(): Promise<void>;
}

export type Activation = 'silu' | 'gelu-tanh' | 'gelu';

export interface RopeSpec {
  readonly theta: number;
  /** Rotated dimensions of each head (≤ headDim). */
  readonly dimensions: number;
  /** Inverse frequencies are scaled as in Llama 3, linearly, or not at all. */
  readonly scaling:
    | { readonly type: 'none' }
    | { readonly type: 'linear'; readonly factor: number }
    | {
        readonly type: 'llama3';
        readonly factor: number;
        readonly lowFrequencyFactor: number;
        readonly highFrequencyFactor: number;
        readonly originalContext: number;
      };
}

/** A linear map of the decoder: where its weight is and how it is stored. */
export interface LinearSpec {
  /** Module path without `.weight`. */
  readonly name: string;
  readonly out: number;
  readonly in: number;
  readonly bias: boolean;
  /** True for GPT-2's Conv1D, whose weight is stored [in, out]. */
  readonly transposed: boolean;
}

export interface NormSpec {
  readonly kind: 'rms' | 'layer';
  /** Module path without `.weight` / `.bias`. */
  readonly name: string;
  readonly epsilon: number;
  /** Gemma stores w − 1. */
  readonly plusOne: boolean;
}

export interface LayerSpec {
  readonly attention: {
    /** Separate projections, or one fused matrix whose rows are q, k, v in this order. */
    readonly projections:
      | { readonly kind: 'separate'; readonly q: LinearSpec; readonly k: LinearSpec; readonly v: LinearSpec }
      | { readonly kind: 'fused'; readonly qkv: LinearSpec };
    readonly output: LinearSpec;
    /** RMS norm over each head of q and k (Qwen3, Gemma 3). */
    readonly qNorm?: NormSpec;
    readonly kNorm?: NormSpec;
    /** Scores are multiplied by this, usually 1/√headDim. */
    readonly scale: number;
    /** Scores become cap · tanh(score / cap). */
    readonly softcap?: number;
    /** A token sees itself and the window − 1 tokens before it; absent = all before it. */
    readonly window?: number;
    /** Absent for learned positions. */
    readonly rope?: RopeSpec;
  };
  readonly mlp:
    | {
        readonly kind: 'gated';
        readonly gate: LinearSpec;
        readonly up: LinearSpec;
        readonly down: LinearSpec;
        readonly activation: Activation;
      }
    /** One fused matrix whose rows are gate, up. */
    | {
        readonly kind: 'gated-fused';
        readonly gateUp: LinearSpec;
        readonly down: LinearSpec;
        readonly activation: Activation;
      }
    | { readonly kind: 'plain'; readonly up: LinearSpec; readonly down: LinearSpec; readonly activation: Activation };
  readonly attentionNorm: NormSpec;
  readonly mlpNorm: NormSpec;
  /** Norms on the outputs of attention and MLP before they are added (Gemma 2/3). */
  readonly attentionPostNorm?: NormSpec;
  readonly mlpPostNorm?: NormSpec;
}

/** A decoder-only transformer, stated by a family file from config.json. */
export interface ArchSpec {
  readonly family: string;
  readonly hiddenSize: number;
  readonly vocabularySize: number;
  readonly contextLength: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly intermediateSize: number;
  readonly layers: readonly LayerSpec[];
  readonly finalNorm: NormSpec;
  /** Tensor names, with `.weight`. */
  readonly embedding: string;
  /** Learned positions (GPT-2), with `.weight`. */
  readonly positionEmbedding?: string;
  /** Embeddings are multiplied by this (Gemma: √hiddenSize). */
  readonly embeddingScale?: number;
  /** Absent when the head is the embedding. */
  readonly head?: string;
  readonly logitSoftcap?: number;
}

export interface Tokenizer {
  readonly vocabularySize: number;
  readonly bosId: number | undefined;
  /** Every id that ends generation (generation_config and tokenizer), the first being the one trained on. */
  readonly eosIds: readonly number[];
  /** Without `addSpecialTokens` the text is tokenised exactly as it is; special-token strings inside it are recognised. */
  encode(text: string, addSpecialTokens: boolean): number[];
  decode(ids: readonly number[], skipSpecialTokens: boolean): string;
  readonly hasChatTemplate: boolean;
  /** @throws AppError TEMPLATE_INVALID */
  renderChat(messages: readonly ChatMessage[], addGenerationPrompt: boolean): string;
}

/** A file that an export carries over byte for byte. */
export interface CarriedFile {
  readonly name: string;
  read(): Promise<Uint8Array>;
}

/** An opened model: everything but the weights in memory. */
export interface OpenedModel {
  readonly summary: ModelSummary;
  /** Undefined for a family without forward pass. */
  readonly arch: ArchSpec | undefined;
  readonly source: WeightSource;
  /** config.json as it is (for GGUF: the one an export writes). */
  readonly config: Readonly<Record<string, unknown>>;
  /** @throws AppError TOKENIZER_INVALID when the tokenizer files are missing or not supported */
  tokenizer(): Promise<Tokenizer>;
  /** In the place of the model's own, where the settings of a run give one. */
  readonly chatTemplate?: string;
  /** Tokenizer, generation and licence files. For GGUF they are made from its metadata. */
  readonly carriedFiles: readonly CarriedFile[];
  close(): Promise<void>;
}
