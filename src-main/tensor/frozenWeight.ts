import type { Kernels } from './kernels.ts';
import type { TensorId } from './tensorId.ts';

/** A matrix that is never changed, in the form in which it takes little room. */
export interface FrozenWeight {
  /** [out, in] as float32, the caller's; costs a handle where it is kept so, else a matrix. */
  read(): TensorId;
  dispose(): void;
}

/** A matrix kept as float32. */
export class Float32Weight implements FrozenWeight {
  readonly #k: Kernels;
  readonly #tensor: TensorId;

  /** Takes over the tensor. */
  constructor(kernels: Kernels, tensor: TensorId) {
    this.#k = kernels;
    this.#tensor = tensor;
  }

  read(): TensorId {
    return this.#k.alias(this.#tensor);
  }

  dispose(): void {
    this.#k.free(this.#tensor);
  }
}
