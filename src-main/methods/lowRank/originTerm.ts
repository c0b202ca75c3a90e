import type { Kernels } from '../../tensor/kernels.ts';
import type { TensorId } from '../../tensor/tensorId.ts';
import { at } from '../../util/at.ts';
import type { LowRankOrigin } from './lowRankAdapter.ts';

interface OriginMember {
  readonly output: number;
  readonly scaling: number;
  /** A, as it is trained. */
  readonly A: { readonly value: TensorId };
  readonly origin: LowRankOrigin;
}

/** What start values that ΔW counts from add to the passes of low-rank maps: c · B₀ (A − A₀) x. */
export class OriginTerm {
  readonly #k: Kernels;
  readonly #members: readonly OriginMember[];
  readonly #ranks: readonly number[];

  constructor(kernels: Kernels, members: readonly OriginMember[]) {
    this.#k = kernels;
    this.#members = members;
    this.#ranks = members.map(({ origin }) => origin.A.shape[0] ?? 0);
  }

  /** Adds to the outputs [N, out] of the members. @param input [N, in] */
  addTo(outputs: TensorId[], input: TensorId): void {
    const k = this.#k;
    const changes = this.#members.map(({ A, origin, scaling }) => {
      const change = k.sub(A.value, origin.A.value);
      return k.scale(k.take(change), scaling);
    });
    const stacked = k.concat(changes, 0); // [Σk, in]
    k.free(...changes);
    const projected = k.matMul(input, k.take(stacked), false, true); // [N, Σk]
    const parts = k.split(k.take(projected), this.#ranks, 1);
    this.#members.forEach(({ output, origin }, i) => {
      const addition = k.matMul(k.take(at(parts, i)), origin.B.value, false, true); // [N, out]
      outputs[output] = k.add(k.take(at(outputs, output)), k.take(addition));
    });
  }

  /**
   * Σ c · g B₀ A₀ [N, in]: what the gradient of the input through B A has too much of.
   * @param gradients [N, out] of every output
   */
  excess(gradients: readonly TensorId[]): TensorId {
    const k = this.#k;
    const afterB = this.#members.map(({ output, origin, scaling }) => {
      const product = k.matMul(at(gradients, output), origin.B.value); // [N, k]
      return k.scale(k.take(product), scaling);
    });
    const joined = k.concat(afterB, 1); // [N, Σk]
    k.free(...afterB);
    const stacked = k.concat(
      this.#members.map(({ origin }) => origin.A.value),
      0,
    );
    return k.matMul(k.take(joined), k.take(stacked));
  }
}
