/** The border between adapter methods, the decoder that runs them and the loop that trains them. Types only. */
import type { TargetMatrix } from '../contract/model.ts';
import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';

/** A trained tensor. The decoder's backward pass adds to `gradient`; the optimizer consumes it. */
export interface Parameter {
  /** `MODULE PATH.PART`, e.g. `model.layers.0.self_attn.q_proj.A`. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Current value; owned by the parameter. Replaced by the optimizer. */
  value: TensorId;
  /** Sum of the gradients since the last optimizer step; undefined where exactly zero. Owned by the parameter. */
  gradient: TensorId | undefined;
  readonly learningRateMultiplier: number;
}

/** What a forward pass of an adapter leaves for its backward pass. Owned by the caller until given back. */
export interface SavedActivations {
  readonly tensors: readonly TensorId[];
}

/** The adapter of one weight matrix. */
export interface MatrixAdapter {
  readonly matrix: TargetMatrix;
  readonly rank: number;
  readonly parameters: readonly Parameter[];
  /** Frozen tensors that belong to the adapter and must be saved with it (Mo-SARA's U_k, V_k). */
  readonly frozen: ReadonlyMap<string, TensorId>;
  /** Whether ΔW is independent of the input. */
  readonly mergeable: boolean;
  /**
   * ΔW [d_out, d_in], a new tensor.
   * @throws AppError NOT_MERGEABLE
   */
  delta(k: Kernels): TensorId;
  /** Frees parameters, gradients and frozen tensors. */
  dispose(k: Kernels): void;
}

/** Adapters of a model by module path. */
export type AdapterSet = ReadonlyMap<string, MatrixAdapter>;
