import type { Kernels } from '../../tensor/kernels.ts';
import type { TensorId } from '../../tensor/tensorId.ts';
import { AppError } from '../../util/appError.ts';
import { at } from '../../util/at.ts';
import { baseForward, baseInputGradient } from '../frozenLinear.ts';
import { dropoutMask } from '../lowRank/dropout.ts';
import { addGradient } from '../parameter.ts';
import type { BaseLinear, GateWatcher, LinearMap, LinearPass } from '../types.ts';
import type { MosaraAdapter } from './mosaraAdapter.ts';

interface Member {
  /** Which of the group's outputs it adds to. */
  readonly output: number;
  readonly adapter: MosaraAdapter;
}

/** What the backward pass needs of each member. */
// A type, not an interface: only types fit the index signature of Saved.
type MosaraSaved = {
  /** [N, k] */
  readonly z: readonly TensorId[];
  /** [N, n] */
  readonly gates: readonly TensorId[];
};

/**
 * Linear maps with one input and the adapters of method.ts. The V_kᵀ of all members are stacked, so that x is read once;
 * the mixed singular values Σ g_i λ_i and their product with z are cheap and computed again in the backward pass.
 */
export class MosaraLinear implements LinearMap {
  readonly trainable = true;
  readonly #k: Kernels;
  readonly #bases: readonly BaseLinear[];
  readonly #members: readonly Member[];
  readonly #ranks: readonly number[];
  readonly #dropout: number;
  readonly #index: number;
  readonly #watch: GateWatcher;

  constructor(
    kernels: Kernels,
    bases: readonly BaseLinear[],
    adapters: readonly (MosaraAdapter | undefined)[],
    dropout: number,
    index: number,
    watch: GateWatcher,
  ) {
    this.#k = kernels;
    this.#bases = bases;
    this.#members = adapters.flatMap((adapter, output) => (adapter === undefined ? [] : [{ output, adapter }]));
    this.#ranks = this.#members.map(({ adapter }) => adapter.rank);
    this.#dropout = dropout;
    this.#index = index;
    this.#watch = watch;
  }

  forward(x: TensorId, pass: LinearPass): { readonly outputs: readonly TensorId[]; readonly saved: MosaraSaved } {
    const k = this.#k;
    const outputs = this.#bases.map((base) => baseForward(k, x, base));
    const mask = this.#mask(pass);
    const input = mask === undefined ? x : k.mul(x, k.take(mask)); // [N, in]
    const projected = k.matMul(input, k.take(this.#stackedVt()), false, true); // [N, Σk]
    if (mask !== undefined) k.free(input);
    const z = k.split(k.take(projected), this.#ranks, 1);
    const gates = this.#members.map(({ output, adapter }, i) => {
      const own = adapter.gates(at(z, i));
      this.#watch(adapter.matrix.name, own);
      const mixed = mixedInput(k, adapter, at(z, i), own);
      const turned = k.matMul(k.take(mixed), adapter.U.value, false, true); // [N, out]
      const addition = k.mul(k.take(turned), k.take(adapter.outputFactor()));
      outputs[output] = k.add(k.take(at(outputs, output)), k.take(addition));
      return own;
    });
    return { outputs, saved: { z, gates } };
  }

  backward(
    x: TensorId,
    gradients: readonly TensorId[],
    saved: MosaraSaved,
    pass: LinearPass,
    inputGradientNeeded: boolean,
  ): TensorId | undefined {
    const k = this.#k;
    const ofZ = this.#members.map(({ output, adapter }, i) =>
      memberBackward(k, adapter, at(gradients, output), at(saved.z, i), at(saved.gates, i)),
    );
    if (!inputGradientNeeded) {
      k.free(...ofZ);
      return undefined;
    }
    const joined = k.concat(ofZ, 1); // [N, Σk]
    k.free(...ofZ);
    const throughV = k.matMul(k.take(joined), k.take(this.#stackedVt())); // [N, in]
    const mask = this.#mask(pass);
    const throughAdapters = mask === undefined ? throughV : k.mul(k.take(throughV), k.take(mask));
    return baseInputGradient(k, this.#bases, gradients, [throughAdapters]);
  }

  /** [Σk, in] */
  #stackedVt(): TensorId {
    return this.#k.concat(
      this.#members.map(({ adapter }) => adapter.Vt.value),
      0,
    );
  }

  #mask(pass: LinearPass): TensorId | undefined {
    const into = this.#bases[0]?.in;
    if (pass.dropoutSeed === undefined || this.#dropout === 0 || into === undefined) return undefined;
    return dropoutMask(this.#k, [pass.rows, into], this.#dropout, pass.dropoutSeed, this.#index);
  }
}

/** y = (Σ g_i λ_i) ⊙ z [N, k] */
function mixedInput(k: Kernels, { lambda }: MosaraAdapter, z: TensorId, gates: TensorId): TensorId {
  const mixed = k.matMul(gates, lambda.value); // [N, k], or [1, k] of frozen gates
  return k.mul(z, k.take(mixed));
}

/**
 * Adds to the gradients of one adapter's parameters. With G the gradient of its output and ⊙ element by element:
 *
 *     ∂y = c (G ⊙ v) U          ∂v = c Σ_rows (Gᵀ y) ⊙ U
 *     ∂Λ = ∂y ⊙ z               ∂λ = gᵀ ∂Λ          ∂g = ∂Λ λᵀ
 *     ∂r = g ⊙ (∂g − Σ g ∂g)    ∂z = ∂y ⊙ Λ + what the router adds
 *
 * @returns ∂z [N, k]
 */
function memberBackward(k: Kernels, adapter: MosaraAdapter, G: TensorId, z: TensorId, gates: TensorId): TensorId {
  if (adapter.frozenGates !== undefined) {
    throw new AppError('INTERNAL', `The gates of ${adapter.matrix.name} are frozen and cannot be trained.`);
  }
  const { U, lambda, v, router, scaling } = adapter;
  if (v !== undefined) {
    const y = mixedInput(k, adapter, z, gates);
    const product = k.matMul(G, k.take(y), true); // [out, k]
    const summed = k.sum(k.take(k.mul(k.take(product), U.value)), [1]); // [out]
    addGradient(k, v, k.scale(k.take(summed), scaling));
  }
  const scaled = k.mul(G, k.take(adapter.outputFactor())); // [N, out]
  const ofY = k.matMul(k.take(scaled), U.value); // [N, k]
  const ofMixed = k.mul(ofY, z); // [N, k]
  addGradient(k, lambda, k.matMul(gates, ofMixed, true)); // [n, k]
  const ofGates = k.matMul(k.take(ofMixed), lambda.value, false, true); // [N, n]
  const ofLogits = softmaxGradient(k, gates, ofGates); // [N, n]
  const throughRouter = router.backward(z, ofLogits); // [N, k]
  k.free(ofGates, ofLogits);
  const mixed = k.matMul(gates, lambda.value); // [N, k]
  const direct = k.mul(k.take(ofY), k.take(mixed));
  return k.add(k.take(direct), k.take(throughRouter));
}

/** g ⊙ (∂g − Σ g ∂g) over the last dimension. */
function softmaxGradient(k: Kernels, gates: TensorId, gradient: TensorId): TensorId {
  const weighted = k.mul(gates, gradient);
  const total = k.sum(weighted, [1], true); // [N, 1]
  const share = k.mul(gates, k.take(total));
  return k.sub(k.take(weighted), k.take(share));
}
