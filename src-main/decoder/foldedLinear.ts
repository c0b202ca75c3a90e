import { trainedBase } from '../methods/trainedWeight.ts';
import type { AdapterSet, BaseLinear } from '../methods/types.ts';
import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import { timesTransposed } from './fewRows.ts';

/**
 * Linear maps with one input as a single product, their adapters merged into it. When one token follows another,
 * reading the weights and starting the kernels takes the time, so both are done once for all maps and no adapter.
 */
export class FoldedLinear {
  readonly #k: Kernels;
  /** [Σout, in] */
  readonly #weight: TensorId;
  readonly #bias: TensorId | undefined;

  /** @param adapters present values are taken; each must be mergeable */
  constructor(kernels: Kernels, bases: readonly BaseLinear[], adapters: AdapterSet | undefined) {
    const k = kernels;
    this.#k = k;
    const present = bases.map((base) => replaced(k, base, adapters));
    const weights = present.map(({ name, weight }, i) => {
      // A weight that is trained itself has its change in it.
      const adapter = bases[i] === present[i] ? adapters?.matrices.get(name) : undefined;
      const base = weight.read();
      const delta = adapter?.delta(base);
      return delta === undefined ? base : k.add(k.take(base), k.take(delta));
    });
    this.#weight = k.keep(k.concat(weights, 0));
    this.#bias = joinedBias(k, present);
    k.free(...weights);
  }

  /** @param x [rows, in] @returns [rows, Σout] */
  forward(x: TensorId, rows: number): TensorId {
    const product = timesTransposed(this.#k, x, this.#weight, rows);
    return this.#bias === undefined ? product : this.#k.add(this.#k.take(product), this.#bias);
  }

  dispose(): void {
    this.#k.freeSaved([this.#weight, this.#bias]);
  }
}

/** The map with its trained weight and bias, or as it is. */
function replaced(k: Kernels, base: BaseLinear, adapters: AdapterSet | undefined): BaseLinear {
  const weight = adapters?.weights?.get(`${base.name}.weight`);
  return weight === undefined ? base : trainedBase(k, base, weight, adapters?.weights?.get(`${base.name}.bias`));
}

/** [Σout], zero where a map has no bias; undefined when none has. */
function joinedBias(k: Kernels, bases: readonly BaseLinear[]): TensorId | undefined {
  if (bases.every(({ bias }) => bias === undefined)) return undefined;
  const biases = bases.map(({ bias, out }) => (bias === undefined ? k.fill([out], 0) : k.alias(bias)));
  const joined = k.keep(k.concat(biases, 0));
  k.free(...biases);
  return joined;
}
