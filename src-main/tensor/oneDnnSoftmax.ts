import type { Binding } from './binding.ts';
import { dataTypes, stringAttribute, typeAttribute, type OpAttributes } from './opAttributes.ts';

const op = '_MklSoftmax';
/** The label under which TensorFlow registers oneDNN's kernels (mkl_op_registry::kMklNameChangeOpLabel). */
const attributes: OpAttributes = [typeAttribute('T', dataTypes.float), stringAttribute('_kernel', 'MklNameChangeOp')];

/** Values up to which setting oneDNN up for a shape takes longer than TensorFlow's own kernel. */
const fewValues = 2 ** 15;

/**
 * oneDNN's softmax over the last dimension, which is three times as fast as TensorFlow's own on a CPU; TensorFlow has it,
 * but chooses it only for whole graphs. Where a build or device has none, the first call finds out.
 */
export class OneDnnSoftmax {
  readonly #binding: Binding;
  #usable: boolean | undefined;

  constructor(binding: Binding) {
    this.#binding = binding;
  }

  /** Its op, or undefined where the plain one is to be used. @param values of the tensor */
  choose(values: number): { readonly op: string; readonly attributes: OpAttributes } | undefined {
    return values > fewValues && this.isUsable() ? { op, attributes } : undefined;
  }

  /** The first call runs the op, which must not happen while ops are only noted down. */
  isUsable(): boolean {
    this.#usable ??= !this.#binding.isUsingGpuDevice() && this.#works();
    return this.#usable;
  }

  #works(): boolean {
    const input = this.#binding.createTensor([1, 2], dataTypes.float, new Float32Array(2));
    try {
      for (const { id } of this.#binding.executeOp(op, attributes, [input], 1)) this.#binding.deleteTensor(id);
      return true;
    } catch {
      return false;
    } finally {
      this.#binding.deleteTensor(input);
    }
  }
}
