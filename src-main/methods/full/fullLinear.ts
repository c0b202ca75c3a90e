import type { Kernels } from '../../tensor/kernels.ts';
import type { TensorId } from '../../tensor/tensorId.ts';
import { baseForward, baseInputGradient } from '../frozenLinear.ts';
import { addGradient } from '../parameter.ts';
import { trainedBase } from '../trainedWeight.ts';
import type { BaseLinear, LinearMap } from '../types.ts';
import type { FullMatrix } from './fullMatrix.ts';

/** Linear maps with one input, the weights and biases of some of them trained: dW = gᵀ x, db = Σ g. */
export class FullLinear implements LinearMap {
  readonly trainable = true;
  readonly #k: Kernels;
  readonly #bases: readonly BaseLinear[];
  readonly #matrices: readonly (FullMatrix | undefined)[];

  constructor(kernels: Kernels, bases: readonly BaseLinear[], matrices: readonly (FullMatrix | undefined)[]) {
    this.#k = kernels;
    this.#matrices = matrices;
    this.#bases = bases.map((base, i) => {
      const own = matrices[i];
      return own === undefined ? base : trainedBase(kernels, base, own.weight, own.bias);
    });
  }

  forward(x: TensorId): { readonly outputs: readonly TensorId[]; readonly saved: undefined } {
    return { outputs: this.#bases.map((base) => baseForward(this.#k, x, base)), saved: undefined };
  }

  backward(
    x: TensorId,
    gradients: readonly TensorId[],
    _saved: undefined,
    _pass: unknown,
    inputGradientNeeded: boolean,
  ): TensorId | undefined {
    const k = this.#k;
    this.#matrices.forEach((own, i) => {
      const gradient = gradients[i]; // [N, d_out]
      if (own === undefined || gradient === undefined) return;
      addGradient(k, own.weight, k.matMul(gradient, x, true));
      if (own.bias !== undefined) addGradient(k, own.bias, k.sum(gradient, [0]));
    });
    return inputGradientNeeded ? baseInputGradient(k, this.#bases, gradients) : undefined;
  }
}
