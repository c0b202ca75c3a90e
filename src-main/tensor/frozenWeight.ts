import { gatherRows } from './elementTypes.ts';
import type { Kernels } from './kernels.ts';
import type { TensorId } from './tensorId.ts';
import { bfloat16Form, type WeightForm } from './weightForms.ts';

/** A matrix that is never changed, in the form in which it takes little room. */
export interface FrozenWeight {
  /** [out, in] as float32, the caller's; costs a handle where it is kept so, else a matrix. */
  read(): TensorId;
  /** [out, in] as products take it now, see {@link Kernels.operand}; the caller's. */
  operand(): TensorId;
  /** Rows at the int32 `indexes`, as float32; the caller's. */
  rows(indexes: TensorId): TensorId;
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

  operand(): TensorId {
    return this.#k.operand(this.#tensor);
  }

  rows(indexes: TensorId): TensorId {
    return this.#k.gather(this.#tensor, indexes);
  }

  dispose(): void {
    this.#k.free(this.#tensor);
  }
}

/** A matrix kept in a smaller form and made float32 at each use. */
export class PackedWeight implements FrozenWeight {
  readonly #k: Kernels;
  readonly #form: WeightForm;
  readonly #parts: readonly TensorId[];
  readonly #columns: number;

  /** Takes over the tensors. @param parts of the form, for all rows */
  constructor(kernels: Kernels, form: WeightForm, parts: readonly TensorId[], columns: number) {
    this.#k = kernels;
    this.#form = form;
    this.#parts = parts;
    this.#columns = columns;
  }

  read(): TensorId {
    return this.#form.unpack(this.#k, this.#parts, this.#columns);
  }

  operand(): TensorId {
    const k = this.#k;
    const [only] = this.#parts;
    // What is kept as products take it is not made float32 and rounded back.
    if (this.#form === bfloat16Form && only !== undefined) return k.operand(only, 'bfloat16');
    return k.operand(k.take(this.read()));
  }

  rows(indexes: TensorId): TensorId {
    const types = this.#form.types;
    const chosen = this.#parts.map((part, i) => gatherRows(this.#k, part, indexes, types[i] ?? 'float32'));
    const rows = this.#form.unpack(this.#k, chosen, this.#columns);
    this.#k.free(...chosen);
    return rows;
  }

  dispose(): void {
    this.#k.free(...this.#parts);
  }
}
