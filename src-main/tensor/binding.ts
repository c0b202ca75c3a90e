import type { Program } from './graph/opTree.ts';
import type { KernelStarts } from './kernelStarts.ts';
import type { OpAttributes } from './opAttributes.ts';

/** A tensor that an op made. */
export interface MadeTensor {
  readonly id: number;
  /** Empty for a tensor of a graph that has not run yet; right once it has. */
  readonly shape: readonly number[];
  /** TF_DataType; float32 where left out. */
  readonly dtype?: number;
}

/** The part of the tfjs addon's native binding that is used here. */
export interface Binding {
  /** The typed array must not change afterwards: the tensor may share its memory. */
  createTensor(shape: readonly number[], dataType: number, data: Float32Array | Int32Array): number;
  deleteTensor(id: number): void;
  /** A copy. */
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array;
  executeOp(
    name: string,
    attributes: OpAttributes,
    inputs: readonly number[],
    outputCount: number,
  ): readonly MadeTensor[];
  isUsingGpuDevice(): boolean;
  readonly TF_Version: string;
  /** Where there are graphs, see graph/graphBinding.ts. */
  readonly graph?: GraphMode;
}

/** Ops that are noted down and run together. */
export interface GraphMode {
  /** Ops and graphs started since the binding was made. */
  readonly starts: KernelStarts;
  /** From now on ops are noted down. */
  begin(): void;
  /** Runs what was noted down since {@link begin}. @returns undefined when a value was asked for in between */
  run(): Trace | undefined;
  /** Forgets what was noted down; its tensors never come to be. */
  drop(): void;
  /** Runs the same ops on other tensors. @param feeds in the order of the trace's @returns tensors in that of its results */
  rerun(trace: Trace, feeds: readonly number[]): readonly MadeTensor[];
}

/** Ops that have run together. */
export interface Trace {
  /** The same for the same ops. */
  readonly program: Program;
  /** Ids of the tensors that they took from outside. */
  readonly feeds: readonly number[];
  /** Ids of the tensors that they made and that were not freed before the end. */
  readonly results: readonly number[];
}

/** What the addon has for whole graphs. */
export interface NativeBinding extends Binding {
  /** @param folder with a saved_model.pb @param tags joined by commas @returns id of the model */
  loadSavedModel(folder: string, tags: string): number;
  /** @param inputNames joined by commas, like the names of outputs; each a node with the index of its output */
  runSavedModel(
    model: number,
    inputs: readonly number[],
    inputNames: string,
    outputNames: string,
  ): readonly MadeTensor[];
  deleteSavedModel(model: number): void;
}
