import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import type { BaseLinear, LinearMap } from './types.ts';

/** x W0ᵀ + b. x [N, in] → [N, out] */
export function baseForward(k: Kernels, x: TensorId, base: BaseLinear): TensorId {
  const product = k.matMul(x, k.take(base.weight.operand()), false, true);
  return base.bias === undefined ? product : k.add(k.take(product), base.bias);
}

/**
 * The gradient of an input that several maps share: Σ g_i W_i, plus what their adapters add.
 * @param extra further terms [N, in], consumed
 */
export function baseInputGradient(
  k: Kernels,
  bases: readonly BaseLinear[],
  gradients: readonly TensorId[],
  extra: readonly TensorId[] = [],
): TensorId {
  const terms = [...extra];
  bases.forEach((base, i) => {
    const gradient = gradients[i];
    if (gradient !== undefined) terms.push(k.matMul(gradient, k.take(base.weight.operand())));
  });
  const [only] = terms;
  if (only !== undefined && terms.length === 1) return only;
  return k.addAll(terms.map((term) => k.take(term)));
}

/** Linear maps without adapters. */
export class FrozenLinear implements LinearMap {
  readonly trainable = false;
  readonly #k: Kernels;
  readonly #bases: readonly BaseLinear[];

  constructor(kernels: Kernels, bases: readonly BaseLinear[]) {
    this.#k = kernels;
    this.#bases = bases;
  }

  forward(x: TensorId): { readonly outputs: readonly TensorId[]; readonly saved: undefined } {
    return { outputs: this.#bases.map((base) => baseForward(this.#k, x, base)), saved: undefined };
  }

  backward(
    _x: TensorId,
    gradients: readonly TensorId[],
    _saved: undefined,
    _pass: unknown,
    inputGradientNeeded: boolean,
  ): TensorId | undefined {
    return inputGradientNeeded ? baseInputGradient(this.#k, this.#bases, gradients) : undefined;
  }
}
