import type { Kernels } from '../../tensor/kernels.ts';
import type { TensorId } from '../../tensor/tensorId.ts';
import { addGradient, createParameter } from '../parameter.ts';
import type { Parameter } from '../types.ts';
import type { MosaraStart } from './start.ts';

/** What turns z into one value for each set. */
export interface Router {
  readonly parameters: readonly Parameter[];
  /** R(z) [N, n] of z [N, k]. */
  forward(z: TensorId): TensorId;
  /** Adds to the gradients of the parameters. @param gradient of R(z) [N, n] @returns the gradient of z [N, k] */
  backward(z: TensorId, gradient: TensorId): TensorId;
}

/** @param name module path of the matrix */
export function createRouter(kernels: Kernels, name: string, sets: number, start: MosaraStart['router']): Router {
  return start.form === 'linear'
    ? new LinearRouter(kernels, name, sets, start.Wg)
    : new RankOneRouter(kernels, name, sets, start.w1, start.W2);
}

/** R(z) = W_g z, W_g [n, k]. */
class LinearRouter implements Router {
  readonly parameters: readonly Parameter[];
  readonly #k: Kernels;
  readonly #Wg: Parameter;

  constructor(kernels: Kernels, name: string, sets: number, Wg: Float32Array) {
    this.#k = kernels;
    this.#Wg = createParameter(kernels, `${name}.Wg`, [sets, Wg.length / sets], Wg);
    this.parameters = [this.#Wg];
  }

  forward(z: TensorId): TensorId {
    return this.#k.matMul(z, this.#Wg.value, false, true);
  }

  backward(z: TensorId, gradient: TensorId): TensorId {
    const k = this.#k;
    addGradient(k, this.#Wg, k.matMul(gradient, z, true));
    return k.matMul(gradient, this.#Wg.value);
  }
}

/** R(z) = W₂ (w₁ᵀ z), w₁ [k], W₂ [n]. */
class RankOneRouter implements Router {
  readonly parameters: readonly Parameter[];
  readonly #k: Kernels;
  readonly #w1: Parameter;
  readonly #W2: Parameter;

  constructor(kernels: Kernels, name: string, sets: number, w1: Float32Array, W2: Float32Array) {
    this.#k = kernels;
    this.#w1 = createParameter(kernels, `${name}.w1`, [w1.length], w1);
    this.#W2 = createParameter(kernels, `${name}.W2`, [sets], W2);
    this.parameters = [this.#w1, this.#W2];
  }

  forward(z: TensorId): TensorId {
    const k = this.#k;
    return k.mul(k.take(this.#score(z)), this.#W2.value); // [N, 1] · [n]
  }

  backward(z: TensorId, gradient: TensorId): TensorId {
    const k = this.#k;
    const weighted = k.mul(gradient, k.take(this.#score(z))); // [N, n]
    addGradient(k, this.#W2, k.sum(k.take(weighted), [0]));
    const ofScore = k.sum(k.take(k.mul(gradient, this.#W2.value)), [1], true); // [N, 1]
    addGradient(k, this.#w1, k.sum(k.take(k.mul(z, ofScore)), [0]));
    return k.mul(k.take(ofScore), this.#w1.value); // [N, 1] · [k]
  }

  /** w₁ᵀ z [N, 1] */
  #score(z: TensorId): TensorId {
    const k = this.#k;
    const column = k.reshape(this.#w1.value, [-1, 1]);
    return k.matMul(z, k.take(column));
  }
}
