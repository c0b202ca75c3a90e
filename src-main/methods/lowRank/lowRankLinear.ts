import type { Kernels } from '../../tensor/kernels.ts';
import type { TensorId } from '../../tensor/tensorId.ts';
import { baseForward, baseInputGradient } from '../frozenLinear.ts';
import { addGradient } from '../parameter.ts';
import { at } from '../../util/at.ts';
import type { BaseLinear, LinearMap, LinearPass } from '../types.ts';
import { dropoutMask } from './dropout.ts';
import type { LowRankAdapter } from './lowRankAdapter.ts';
import { OriginTerm } from './originTerm.ts';

interface Member {
  /** Which of the group's outputs it adds to. */
  readonly output: number;
  readonly adapter: LowRankAdapter;
}

/** What the backward pass needs; Σk columns for all members side by side. */
// A type, not an interface: only types fit the index signature of Saved.
type LowRankSaved = {
  /** x Aᵀ [N, Σk]; only where there is a λ, for its gradient. */
  readonly projected: TensorId | undefined;
  /** c λ ⊙ x Aᵀ [N, Σk] */
  readonly scaled: TensorId;
};

/**
 * Linear maps with one input and low-rank adapters: y_i = W_i x + c · B_i diag(λ_i) A_i x. The A's of all members are
 * stacked, so that x is read once; dropout, if any, is drawn once for the shared input. For adapters with an origin see
 * originTerm.ts.
 */
export class LowRankLinear implements LinearMap {
  readonly trainable = true;
  readonly #k: Kernels;
  readonly #bases: readonly BaseLinear[];
  readonly #members: readonly Member[];
  readonly #ranks: readonly number[];
  readonly #dropout: number;
  readonly #index: number;
  readonly #origin: OriginTerm | undefined;

  constructor(
    kernels: Kernels,
    bases: readonly BaseLinear[],
    adapters: readonly (LowRankAdapter | undefined)[],
    dropout: number,
    index: number,
  ) {
    this.#k = kernels;
    this.#bases = bases;
    this.#members = adapters.flatMap((adapter, output) => (adapter === undefined ? [] : [{ output, adapter }]));
    this.#ranks = this.#members.map(({ adapter }) => adapter.rank);
    this.#dropout = dropout;
    this.#index = index;
    const fromStart = this.#members.flatMap(({ output, adapter: { origin, scaling, A } }) =>
      origin === undefined ? [] : [{ output, origin, scaling, A }],
    );
    this.#origin = fromStart.length > 0 ? new OriginTerm(kernels, fromStart) : undefined;
  }

  forward(x: TensorId, pass: LinearPass): { readonly outputs: readonly TensorId[]; readonly saved: LowRankSaved } {
    const k = this.#k;
    const outputs = this.#bases.map((base) => baseForward(k, x, base));
    const mask = this.#mask(pass);
    const input = mask === undefined ? x : k.mul(x, k.take(mask)); // [N, in]
    const projected = k.matMul(input, k.take(this.#stackedA()), false, true); // [N, Σk]
    const scaled = this.#timesFactors(projected); // [N, Σk]
    const parts = k.split(scaled, this.#ranks, 1);
    this.#members.forEach(({ output, adapter }, i) => {
      const { B, origin } = adapter;
      const left = origin === undefined ? k.alias(B.value) : k.sub(B.value, origin.B.value); // [out, k]
      const addition = k.matMul(k.take(at(parts, i)), k.take(left), false, true); // [N, out]
      outputs[output] = k.add(k.take(at(outputs, output)), k.take(addition));
    });
    this.#origin?.addTo(outputs, input);
    if (mask !== undefined) k.free(input);
    if (this.#hasLambda) return { outputs, saved: { projected, scaled } };
    k.free(projected);
    return { outputs, saved: { projected: undefined, scaled } };
  }

  backward(
    x: TensorId,
    gradients: readonly TensorId[],
    saved: LowRankSaved,
    pass: LinearPass,
    inputGradientNeeded: boolean,
  ): TensorId | undefined {
    const k = this.#k;
    const parts = k.split(saved.scaled, this.#ranks, 1);
    const afterB = this.#members.map(({ output, adapter }, i) => {
      const gradient = at(gradients, output); // [N, out]
      // Twice as fast as the product that is [out, k] at once.
      const turned = k.matMul(k.take(at(parts, i)), gradient, true); // [k, out]
      addGradient(k, adapter.B, k.transpose(k.take(turned), [1, 0])); // [out, k]
      return k.matMul(gradient, adapter.B.value); // [N, k]
    });
    const gradientScaled = k.concat(afterB, 1); // [N, Σk]
    k.free(...afterB);
    if (saved.projected !== undefined) this.#addLambdaGradients(gradientScaled, saved.projected);
    const gradientProjected = this.#timesFactors(k.take(gradientScaled)); // [N, Σk]

    const mask = this.#mask(pass);
    const input = mask === undefined ? x : k.mul(x, mask); // [N, in]
    const gradientA = k.matMul(gradientProjected, input, true); // [Σk, in]
    if (mask !== undefined) k.free(input);
    const perMember = k.split(k.take(gradientA), this.#ranks, 0);
    this.#members.forEach(({ adapter }, i) => {
      addGradient(k, adapter.A, at(perMember, i));
    });

    if (!inputGradientNeeded) {
      k.free(gradientProjected, ...(mask === undefined ? [] : [mask]));
      return undefined;
    }
    let throughA = k.matMul(k.take(gradientProjected), k.take(this.#stackedA())); // [N, in]
    const excess = this.#origin?.excess(gradients);
    if (excess !== undefined) throughA = k.sub(k.take(throughA), k.take(excess));
    const throughAdapters = mask === undefined ? throughA : k.mul(k.take(throughA), k.take(mask));
    return baseInputGradient(k, this.#bases, gradients, [throughAdapters]);
  }

  get #hasLambda(): boolean {
    return this.#members.some(({ adapter }) => adapter.lambda !== undefined);
  }

  /** [Σk, in] */
  #stackedA(): TensorId {
    return this.#k.concat(
      this.#members.map(({ adapter }) => adapter.A.value),
      0,
    );
  }

  /** c λ ⊙ projected. @param projected [N, Σk] */
  #timesFactors(projected: TensorId): TensorId {
    const k = this.#k;
    const [scaling = 1, ...others] = new Set(this.#members.map(({ adapter }) => adapter.scaling));
    if (others.length === 0 && !this.#hasLambda) return k.scale(projected, scaling);
    return k.mul(projected, k.take(this.#factors()));
  }

  /** c λ, or c where there is no λ [Σk] */
  #factors(): TensorId {
    const k = this.#k;
    const factors = this.#members.map(({ adapter }) =>
      adapter.lambda === undefined
        ? k.fill([adapter.rank], adapter.scaling)
        : k.scale(adapter.lambda.value, adapter.scaling),
    );
    const joined = k.concat(factors, 0);
    k.free(...factors);
    return joined;
  }

  #addLambdaGradients(gradientScaled: TensorId, projected: TensorId): void {
    const k = this.#k;
    const summed = k.sum(k.take(k.mul(gradientScaled, projected)), [0]); // [Σk]
    const perMember = k.split(k.take(summed), this.#ranks, 0);
    this.#members.forEach(({ adapter }, i) => {
      const gradient = k.scale(k.take(at(perMember, i)), adapter.scaling);
      if (adapter.lambda !== undefined) addGradient(k, adapter.lambda, gradient);
    });
  }

  #mask(pass: LinearPass): TensorId | undefined {
    const into = this.#bases[0]?.in;
    if (pass.dropoutSeed === undefined || this.#dropout === 0 || into === undefined) return undefined;
    return dropoutMask(this.#k, [pass.rows, into], this.#dropout, pass.dropoutSeed, this.#index);
  }
}
