import type { WeightPrecision } from '../contract/weightPrecision.ts';
import type { BaseLinear } from '../methods/types.ts';
import type { LinearSpec, NormSpec, WeightSource } from '../models/types.ts';
import type { FrozenWeight } from '../tensor/frozenWeight.ts';
import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import { createScratch, uploadFrozen, uploadMatrix, uploadVector, type RowSource } from '../tensor/uploadWeight.ts';
import { bfloat16Form, float16Form, float32Form, int8Form, type WeightForm } from '../tensor/weightForms.ts';
import { macrotask } from '../util/macrotask.ts';
import { LinearGroup } from './linearGroup.ts';
import { Norm } from './norm.ts';

/** Loads weights one by one, counts them, and can take back all of them when a later one fails. */
export class WeightLoader {
  readonly kernels: Kernels;
  readonly #source: Omit<RowSource, 'tensors'> & Pick<WeightSource, 'tensors'>;
  readonly #precision: Exclude<WeightPrecision, 'auto'>;
  readonly #signal: AbortSignal;
  readonly #onLoaded: (values: number) => void;
  readonly #loaded: TensorId[] = [];
  readonly #weights: FrozenWeight[] = [];
  #values = 0;

  /** @param onLoaded told how many values are loaded so far, after each weight */
  constructor(
    kernels: Kernels,
    source: WeightSource,
    precision: Exclude<WeightPrecision, 'auto'>,
    signal: AbortSignal,
    onLoaded: (values: number) => void,
  ) {
    this.kernels = kernels;
    this.#source = {
      tensors: source.tensors,
      readRows: (name, from, count, into) => source.readRows(name, from, count, into),
      scratch: createScratch(kernels),
    };
    this.#precision = precision;
    this.#signal = signal;
    this.#onLoaded = onLoaded;
  }

  /** Values loaded so far. */
  get values(): number {
    return this.#values;
  }

  /** @param name with `.weight` @param shape [out, in] */
  async matrix(name: string, shape: readonly [number, number]): Promise<TensorId> {
    await macrotask(this.#signal);
    const tensor = await uploadMatrix(this.kernels, this.#source, name, shape, false, this.#signal);
    return this.#note(tensor, shape[0] * shape[1]);
  }

  /** A matrix in the precision asked for. Parameters as {@link matrix}. */
  async weight(name: string, shape: readonly [number, number], transposed = false): Promise<FrozenWeight> {
    await macrotask(this.#signal);
    const form = this.#formOf(name);
    const weight = await uploadFrozen(this.kernels, this.#source, name, shape, transposed, form, this.#signal);
    this.#weights.push(weight);
    this.#count(shape[0] * shape[1]);
    return weight;
  }

  async vector(name: string, length: number): Promise<TensorId> {
    return this.#note(await uploadVector(this.kernels, this.#source, name, length), length);
  }

  async norm(spec: NormSpec, length: number): Promise<Norm> {
    const stored = await this.vector(`${spec.name}.weight`, length);
    const weight = spec.plusOne ? this.#replace(stored, this.kernels.shift(stored, 1)) : stored;
    const bias = spec.kind === 'layer' ? await this.vector(`${spec.name}.bias`, length) : undefined;
    return new Norm(this.kernels, spec, weight, bias);
  }

  /** Linear maps that share their input. */
  async group(...specs: readonly LinearSpec[]): Promise<LinearGroup> {
    const bases: BaseLinear[] = [];
    for (const { name, out, in: into, bias, transposed } of specs) {
      bases.push({
        name,
        out,
        in: into,
        weight: await this.weight(`${name}.weight`, [out, into], transposed),
        bias: bias ? await this.vector(`${name}.bias`, out) : undefined,
      });
    }
    return new LinearGroup(this.kernels, bases);
  }

  /** Frees everything that was loaded. */
  undo(): void {
    this.kernels.free(...this.#loaded.splice(0));
    for (const weight of this.#weights.splice(0)) weight.dispose();
  }

  /** The form of a tensor; what is stored in blocks of few bits has no exact smaller form here. */
  #formOf(name: string): WeightForm {
    const type = this.#source.tensors.get(name)?.type;
    if (this.#precision === 'q8') return int8Form;
    if (this.#precision === 'float32') return float32Form;
    if (type === 'BF16') return bfloat16Form;
    return type === 'F16' ? float16Form : float32Form;
  }

  #note(tensor: TensorId, values: number): TensorId {
    this.#loaded.push(tensor);
    this.#count(values);
    return tensor;
  }

  #count(values: number): void {
    this.#values += values;
    this.#onLoaded(this.#values);
  }

  #replace(old: TensorId, tensor: TensorId): TensorId {
    this.#loaded.splice(this.#loaded.indexOf(old), 1, tensor);
    this.kernels.free(old);
    return tensor;
  }
}
