import type { OpAttributes } from './opAttributes.ts';

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
  ): readonly { readonly id: number; readonly shape: readonly number[] }[];
  isUsingGpuDevice(): boolean;
  readonly TF_Version: string;
}
