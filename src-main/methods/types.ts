/**
 * The borders between adapter methods, the decoder that runs them, the optimizer that changes them and the loop that
 * trains them. Types only.
 */
import type { MatrixSpectrum } from '../contract/analysis.ts';
import type { TargetMatrix } from '../contract/model.ts';
import type { MethodConfig } from '../contract/methods.schema.ts';
import type { FrozenWeight } from '../tensor/frozenWeight.ts';
import type { ModelWeight } from '../models/archWeights.ts';
import type { Saved } from '../tensor/saved.ts';
import type { TensorId } from '../tensor/tensorId.ts';

/** A tensor that belongs to an adapter and is saved with it. */
export interface AdapterPart {
  /** `MODULE PATH.PART`, e.g. `model.layers.0.self_attn.q_proj.A`. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Current value, owned by the part. Replaced by the optimizer and by `importState`. */
  value: TensorId;
}

/** A trained tensor. The decoder's backward pass adds to `gradient`; the optimizer consumes it. */
export interface Parameter extends AdapterPart {
  /** Sum of the gradients since the last optimizer step; undefined where exactly zero. Owned by the parameter. */
  gradient: TensorId | undefined;
  readonly learningRateMultiplier: number;
}

/** A frozen linear map of the decoder; the tensors stay the decoder's. */
export interface BaseLinear {
  /** Module path without `.weight`. */
  readonly name: string;
  /** [out, in] */
  readonly weight: FrozenWeight;
  /** [out] */
  readonly bias: TensorId | undefined;
  readonly out: number;
  readonly in: number;
}

/** What the linear maps must know about the pass they take part in. */
export interface LinearPass {
  /** N, the tokens of the batch. */
  readonly rows: number;
  /** Two words that differ between any two micro-batches of a run; undefined = evaluation, without dropout. */
  readonly dropoutSeed: readonly [number, number] | undefined;
}

/**
 * One or more linear maps that share their input (q, k and v; gate and up), with or without adapters, so that a method
 * can run all their adapters at once and has the whole say about what becomes of the frozen weights.
 */
export interface LinearMap {
  /** Whether a backward pass would give any gradient of a parameter. */
  readonly trainable: boolean;
  /**
   * @param x [N, in], borrowed
   * @returns outputs [N, out] of each map, in order, and what the backward pass needs besides x
   */
  forward(x: TensorId, pass: LinearPass): { readonly outputs: readonly TensorId[]; readonly saved: Saved };
  /**
   * Adds to the gradients of the parameters.
   * @param x as in the forward pass; `gradients` [N, out] of each output; all borrowed, `saved` too
   * @returns the gradient of x [N, in], or undefined when it is not needed
   */
  backward(
    x: TensorId,
    gradients: readonly TensorId[],
    saved: Saved,
    pass: LinearPass,
    inputGradientNeeded: boolean,
  ): TensorId | undefined;
}

/** The adapter of one weight matrix. */
export interface MatrixAdapter {
  readonly matrix: TargetMatrix;
  readonly rank: number;
  readonly parameters: readonly Parameter[];
  /** Tensors that are not trained but must be saved with the adapter (Mo-SARA's U_k, V_k). */
  readonly frozen: readonly AdapterPart[];
  /** Whether ΔW is independent of the input. */
  readonly mergeable: boolean;
  /** Whether the rows of the right factor are orthonormal, so that the singular values of ΔW are those of the left one. */
  readonly orthonormalRight?: boolean;
  /** Whether ΔW depends on W0, so that {@link delta} must be given it (DoRA). */
  readonly needsWeight?: boolean;
  /**
   * ΔW [d_out, d_in], a new tensor.
   * @param weight W0 [d_out, d_in], borrowed; needed by methods that say so
   * @throws AppError NOT_MERGEABLE
   */
  delta(weight?: TensorId): TensorId;
  /**
   * New tensors with ΔW = left · right, left [d_out, k] and right [k, d_in]; undefined where ΔW has no such form.
   * @throws AppError NOT_MERGEABLE
   */
  factors(): { readonly left: TensorId; readonly right: TensorId } | undefined;
  /** New tensors with W0 + ΔW = W0 + left · right, each row brought to its length m; only where that is the form of ΔW. */
  directionFactors?(): DirectionFactors;
}

/** Factors of a change of direction, and the length of each row after it (DoRA). */
export interface DirectionFactors {
  readonly left: TensorId;
  readonly right: TensorId;
  /** m [d_out] */
  readonly magnitude: TensorId;
}

/** Sees the gates of one matrix in a forward pass. @param gates [N, n], borrowed; [1, n] while they are frozen */
export type GateWatcher = (matrix: string, gates: TensorId) => void;

/** The gates with which a router mixes parallel parts of every adapter, token by token (Mo-SARA). */
export interface Gates {
  /** n */
  readonly sets: number;
  /** Told of every matrix in every forward pass from now on; undefined: nobody. */
  watch(watcher: GateWatcher | undefined): void;
  /**
   * Puts constants in the place of the gates, so that every adapter merges; undefined gives the router back. A set with
   * frozen gates cannot be trained.
   * @param means n values for each matrix
   * @throws AppError SETTINGS_INVALID when a matrix has none, or not n
   */
  freeze(means: ReadonlyMap<string, readonly number[]> | undefined): void;
}

/** The rank of each matrix after a step that changed ranks, in the order of the matrices. */
export interface RankChange {
  /** Ranks that may be given out in all. */
  readonly budget: number;
  readonly ranks: readonly number[];
}

/**
 * What a method does in training besides following the gradients of the loss (AdaLoRA's penalty and its ranks). For each
 * optimizer step: `beginStep`, then `observe` for every parameter, then `endStep`.
 */
export interface MethodTraining {
  /**
   * Adds the gradients of the method's own term of the loss.
   * @param step steps done before this one; `totalSteps` of the run
   */
  beginStep(step: number, totalSteps: number): void;
  /** @param gradient that has just moved the parameter, after clipping; borrowed */
  observe(parameter: Parameter, gradient: TensorId): void;
  /** @returns the new ranks where they are not those of the last such step */
  endStep(): RankChange | undefined;
  /** What a resumed run needs, under names that no parameter has. */
  exportState(): Map<string, AdapterTensor>;
  /** @throws AppError CHECKPOINT_DAMAGED when a tensor has another shape than it must have */
  importState(state: ReadonlyMap<string, AdapterTensor>): void;
  dispose(): void;
}

/** All adapters of a model, of one method. */
export interface AdapterSet {
  readonly method: MethodConfig['name'];
  /** By module path. */
  readonly matrices: ReadonlyMap<string, MatrixAdapter>;
  /** The parameters of all matrices, in the order of the matrices. */
  readonly parameters: readonly Parameter[];
  /** Absent where nothing is gated. */
  readonly gates?: Gates;
  /**
   * Parameters that take the place of the model's own tensors, by the names of these; absent for methods that leave the
   * model as it is.
   */
  readonly weights?: ReadonlyMap<string, Parameter> | undefined;
  /** Absent for methods that do no more than follow the gradients. */
  readonly training?: MethodTraining | undefined;
  /** The adapted form of linear maps that share their input; maps without adapter among them stay as they are. */
  linear(bases: readonly BaseLinear[]): LinearMap;
  /** What {@link exportState} gives, each tensor read only when it is asked for: large ones are saved one at a time. */
  stateTensors(): Map<string, StateTensor>;
  /** Names of the tensors of the state that are never trained: a run saves them once. */
  readonly frozenNames: ReadonlySet<string>;
  /** Parameters and frozen tensors as `MODULE PATH.PART`, each under 1 GiB. */
  exportState(): Map<string, AdapterTensor>;
  /**
   * Takes over what {@link exportState} gave; gradients are dropped.
   * @throws AppError CHECKPOINT_DAMAGED when a tensor is missing or has another shape
   */
  importState(state: ReadonlyMap<string, AdapterTensor>): void;
  /** Frees parameters, gradients and frozen tensors. */
  dispose(): void;
}

/** A tensor outside the backend, row-major. */
export interface AdapterTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A tensor of the backend that can be read until its next change. */
export interface StateTensor {
  readonly shape: readonly number[];
  /** The present values, row-major; a copy. */
  read(): Float32Array;
}

/** A matrix to be adapted; `AdapterRank` of the contract is one. */
export interface PlannedMatrix extends TargetMatrix {
  readonly rank: number;
}

/** Where a method finds what its initial values depend on. Only what it needs is asked for. */
export interface MatrixFacts {
  /** Singular values of a matrix (SARA's λ). */
  spectrum(name: string): MatrixSpectrum | undefined;
  /** The model's own tensors of a selection, as the decoder has them; the values are the caller's (full fine-tuning). */
  modelWeights(
    selected: (weight: ModelWeight) => boolean,
  ): Promise<readonly { readonly name: string; readonly shape: readonly number[]; readonly value: TensorId }[]>;
  /** The length of each row of a matrix, [d_out] (DoRA). */
  rowNorms(matrix: TargetMatrix): Promise<Float32Array>;
  /** U_k [d_out, k] and V_kᵀ [k, d_in] of a matrix, row-major (`svd` starts, Mo-SARA, PiSSA). */
  singularVectors(
    matrix: TargetMatrix,
    k: number,
  ): Promise<{ readonly U: Float32Array; readonly S: Float32Array; readonly Vt: Float32Array }>;
}
