import type { FrozenWeight } from '../tensor/frozenWeight.ts';
import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import type { BaseLinear, Parameter } from './types.ts';

/** A trained matrix in the place of a frozen one: its present value at each use. */
export class TrainedWeight implements FrozenWeight {
  readonly parameter: Parameter;
  readonly #k: Kernels;

  /** @param parameter borrowed */
  constructor(kernels: Kernels, parameter: Parameter) {
    this.#k = kernels;
    this.parameter = parameter;
  }

  read(): TensorId {
    return this.#k.alias(this.parameter.value);
  }

  operand(): TensorId {
    return this.#k.operand(this.parameter.value);
  }

  rows(indexes: TensorId): TensorId {
    return this.#k.gather(this.parameter.value, indexes);
  }

  dispose(): void {
    // The parameter belongs to its adapter set.
  }
}

/** A linear map with a trained weight, and bias where it has one. */
export function trainedBase(
  kernels: Kernels,
  { name, out, in: into, bias: frozenBias }: BaseLinear,
  weight: Parameter,
  bias: Parameter | undefined,
): BaseLinear {
  return {
    name,
    out,
    in: into,
    weight: new TrainedWeight(kernels, weight),
    // The value is another tensor after every step.
    get bias() {
      return bias?.value ?? frozenBias;
    },
  };
}
