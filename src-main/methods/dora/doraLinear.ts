import type { Kernels } from '../../tensor/kernels.ts';
import type { TensorId } from '../../tensor/tensorId.ts';
import { at } from '../../util/at.ts';
import { baseInputGradient } from '../frozenLinear.ts';
import { dropoutMask } from '../lowRank/dropout.ts';
import { addGradient } from '../parameter.ts';
import type { BaseLinear, LinearMap, LinearPass } from '../types.ts';
import type { DoraAdapter } from './doraAdapter.ts';

interface Member {
  /** Which of the group's outputs it belongs to. */
  readonly output: number;
  readonly adapter: DoraAdapter;
}

/** Of one member. */
type DoraSaved = {
  /** A x [N, k] */
  readonly projected: TensorId;
  /** W0 x + c · B A x [N, d_out]: what the lengths multiply. */
  readonly direction: TensorId;
  readonly t: TensorId;
  readonly length: TensorId;
};

/**
 * Linear maps with one input and DoRA on some of them: y = W0 x + b + t ⊙ W0 x̃ + (1 + t) ⊙ c · B A x̃, where x̃ is x after
 * dropout, t as in {@link DoraAdapter}. Without dropout this is (1 + t) ⊙ (W0 + c · B A) x + b.
 */
export class DoraLinear implements LinearMap {
  readonly trainable = true;
  readonly #k: Kernels;
  readonly #bases: readonly BaseLinear[];
  readonly #members: readonly Member[];
  readonly #dropout: number;
  readonly #index: number;

  constructor(
    kernels: Kernels,
    bases: readonly BaseLinear[],
    adapters: readonly (DoraAdapter | undefined)[],
    dropout: number,
    index: number,
  ) {
    this.#k = kernels;
    this.#bases = bases;
    this.#members = adapters.flatMap((adapter, output) => (adapter === undefined ? [] : [{ output, adapter }]));
    this.#dropout = dropout;
    this.#index = index;
  }

  forward(x: TensorId, pass: LinearPass): { readonly outputs: readonly TensorId[]; readonly saved: DoraSaved[] } {
    const k = this.#k;
    const products = this.#bases.map(({ weight }) => k.matMul(x, k.take(weight.operand()), false, true));
    const outputs = this.#bases.map(({ bias }, i) => {
      const product = at(products, i);
      return bias === undefined ? k.alias(product) : k.add(product, bias);
    });
    const mask = this.#mask(pass);
    const input = mask === undefined ? x : k.mul(x, mask); // x̃ [N, d_in]
    const saved = this.#members.map(({ output, adapter }): DoraSaved => {
      const weight = at(this.#bases, output).weight.read();
      const { t, length } = adapter.rowScale(weight);
      const projected = k.matMul(input, adapter.A.value, false, true); // [N, k]
      const product = k.scale(k.take(k.matMul(projected, adapter.B.value, false, true)), adapter.scaling); // [N, d_out]
      const ofWeight = mask === undefined ? k.alias(at(products, output)) : k.matMul(input, weight, false, true);
      k.free(weight);
      const direction = k.add(k.take(ofWeight), product);
      // t ⊙ (W0 x̃ + c · B A x̃) + c · B A x̃
      const addition = k.add(k.take(k.mul(direction, t)), k.take(product));
      outputs[output] = k.add(k.take(at(outputs, output)), k.take(addition));
      return { projected, direction, t, length };
    });
    k.free(...products, ...(mask === undefined ? [] : [mask, input]));
    return { outputs, saved };
  }

  backward(
    x: TensorId,
    gradients: readonly TensorId[],
    saved: DoraSaved[],
    pass: LinearPass,
    inputGradientNeeded: boolean,
  ): TensorId | undefined {
    const k = this.#k;
    const mask = this.#mask(pass);
    const input = mask === undefined ? x : k.mul(x, mask);
    // What goes back through the weights of x̃, and through A.
    const ofWeights: { readonly output: number; readonly gradient: TensorId }[] = [];
    const throughA: TensorId[] = [];
    this.#members.forEach(({ output, adapter }, i) => {
      const { projected, direction, t, length } = at(saved, i);
      const { A, B, magnitude, scaling } = adapter;
      const gradient = at(gradients, output); // [N, d_out]
      const ofScale = k.sum(k.take(k.mul(gradient, direction)), [0]); // [d_out]
      addGradient(k, magnitude, k.div(k.take(ofScale), length));
      const stretched = k.mul(gradient, k.take(k.shift(t, 1))); // (1 + t) ⊙ g
      const ofProduct = k.scale(stretched, scaling);
      addGradient(k, B, k.matMul(ofProduct, projected, true)); // [d_out, k]
      const ofProjected = k.matMul(k.take(ofProduct), B.value); // [N, k]
      addGradient(k, A, k.matMul(ofProjected, input, true)); // [k, d_in]
      if (inputGradientNeeded) throughA.push(k.matMul(ofProjected, A.value));
      k.free(ofProjected);
      // Without dropout x̃ is x, and its (1 + t) ⊙ g takes the place of g; with it only t ⊙ g goes through the mask.
      ofWeights.push({ output, gradient: mask === undefined ? k.alias(stretched) : k.mul(gradient, t) });
      k.free(stretched);
    });
    const dx = inputGradientNeeded ? this.#inputGradient(gradients, ofWeights, throughA, mask) : undefined;
    k.free(...ofWeights.map(({ gradient }) => gradient));
    if (mask !== undefined) k.free(input, mask);
    return dx;
  }

  /** @param throughA consumed */
  #inputGradient(
    gradients: readonly TensorId[],
    ofWeights: readonly { readonly output: number; readonly gradient: TensorId }[],
    throughA: readonly TensorId[],
    mask: TensorId | undefined,
  ): TensorId {
    const k = this.#k;
    if (mask === undefined) {
      const stretched = [...gradients];
      for (const { output, gradient } of ofWeights) stretched[output] = gradient;
      return baseInputGradient(k, this.#bases, stretched, throughA);
    }
    const dropped = ofWeights.map(({ output, gradient }) => {
      const weight = at(this.#bases, output).weight.read();
      return k.matMul(gradient, k.take(weight));
    });
    const sum = k.addAll([...throughA, ...dropped].map((term) => k.take(term)));
    return baseInputGradient(k, this.#bases, gradients, [k.mul(k.take(sum), mask)]);
  }

  #mask(pass: LinearPass): TensorId | undefined {
    const into = this.#bases[0]?.in;
    if (pass.dropoutSeed === undefined || this.#dropout === 0 || into === undefined) return undefined;
    return dropoutMask(this.#k, [pass.rows, into], this.#dropout, pass.dropoutSeed, this.#index);
  }
}
