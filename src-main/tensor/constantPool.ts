import type { Binding } from './binding.ts';
import { dataTypes } from './opAttributes.ts';
import type { TensorId } from './tensorId.ts';

/** Far more than one op needs, few enough to cost nothing. */
const capacity = 4096;

/**
 * Small constants of ops (shapes, axes, factors), kept because they come back thousands of times a step. The least
 * recently used goes when the pool is full, since shapes change with the lengths of the data.
 */
export class ConstantPool {
  readonly #binding: Binding;
  readonly #tensors = new Map<string, TensorId>();
  readonly #ids = new Set<TensorId>();

  constructor(binding: Binding) {
    this.#binding = binding;
  }

  float(value: number): TensorId {
    return this.#get(`f${String(value)}`, () =>
      this.#binding.createTensor([], dataTypes.float, new Float32Array([value])),
    );
  }

  int(value: number): TensorId {
    return this.#get(`i${String(value)}`, () =>
      this.#binding.createTensor([], dataTypes.int32, new Int32Array([value])),
    );
  }

  ints(values: readonly number[]): TensorId {
    return this.#get(`v${values.join(',')}`, () =>
      this.#binding.createTensor([values.length], dataTypes.int32, new Int32Array(values)),
    );
  }

  /** [n, 1] */
  column(values: readonly number[]): TensorId {
    return this.#get(`c${values.join(',')}`, () =>
      this.#binding.createTensor([values.length, 1], dataTypes.float, new Float32Array(values)),
    );
  }

  has(tensor: TensorId): boolean {
    return this.#ids.has(tensor);
  }

  #get(key: string, create: () => number): TensorId {
    const known = this.#tensors.get(key);
    if (known !== undefined) {
      this.#tensors.delete(key);
      this.#tensors.set(key, known);
      return known;
    }
    if (this.#tensors.size >= capacity) this.#dropOldest();
    const tensor = create() as TensorId;
    this.#tensors.set(key, tensor);
    this.#ids.add(tensor);
    return tensor;
  }

  #dropOldest(): void {
    for (const [key, tensor] of this.#tensors) {
      this.#tensors.delete(key);
      this.#ids.delete(tensor);
      this.#binding.deleteTensor(tensor);
      return;
    }
  }
}
