import type { AdapterSet } from '../methods/types.ts';
import type { ArchSpec, WeightSource } from '../models/types.ts';
import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import type { TokenBatch } from './batch.ts';
import type { DecoderCache } from './cache.ts';

export interface LoadOptions {
  /** Called after each weight with the bytes (as float32) loaded so far and in all. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface LossSum {
  /** Sum of −log p over the counted labels, in nats. */
  readonly lossSum: number;
  /** Labels that are not −100. */
  readonly count: number;
}

export interface GradientOptions {
  /** Factor on the summed loss: 1 / (counted labels of the whole accumulated batch). */
  readonly lossScale: number;
  /** Recompute each layer's activations in the backward pass instead of keeping them. */
  readonly activationCheckpointing: boolean;
  /** Two words that differ between any two micro-batches of a run (see `dropoutSeed`); undefined = no dropout. */
  readonly dropoutSeed?: readonly [number, number] | undefined;
}

/** A decoder-only transformer with frozen weights in the backend and, when set, adapters on its linear maps. */
export declare class Decoder {
  readonly arch: ArchSpec;
  readonly kernels: Kernels;
  /** Parameters of the base model and bytes of its tensors. */
  readonly parameters: number;

  /**
   * @throws AppError TENSOR_MISSING, TENSOR_INVALID (shape), CANCELLED and what the source throws
   */
  static load(
    kernels: Kernels,
    arch: ArchSpec,
    source: WeightSource,
    options: LoadOptions,
    signal: AbortSignal,
  ): Promise<Decoder>;

  /** Puts adapters on (the set stays the caller's), or takes them off: the answers are then the base model's. */
  setAdapters(adapters: AdapterSet | undefined): void;

  /** Loss of a batch with labels, without gradients or dropout. */
  loss(batch: TokenBatch, signal: AbortSignal): Promise<LossSum>;

  /** Loss of a batch with labels; adds lossScale · ∂lossSum/∂θ to the gradient of every parameter of the adapters. */
  accumulateGradients(batch: TokenBatch, options: GradientOptions, signal: AbortSignal): Promise<LossSum>;

  /**
   * Logits of the rows asked for (all of them by default), row-major [rows, V].
   * @param rows indexes into the batch's tokens; rows · V · 4 bytes must stay under 1 GiB
   */
  logits(batch: TokenBatch, signal: AbortSignal, rows?: readonly number[]): Promise<Float32Array>;

  /** An empty cache for decoding `sequences` sequences side by side. */
  newCache(sequences: number): DecoderCache;

  /**
   * Appends tokens to each sequence of the cache (at least one each; as many as its own prompt has).
   * @returns logits of the token after each sequence's last, row-major [sequences, V]
   */
  decode(cache: DecoderCache, tokens: readonly (readonly number[])[], signal: AbortSignal): Promise<Float32Array>;

  /** The frozen weight of an adaptable linear map, [d_out, d_in], borrowed. */
  baseWeight(name: string): TensorId;

  dispose(): void;
}
