import { FrozenLinear } from '../methods/frozenLinear.ts';
import type { AdapterSet, BaseLinear, LinearMap, LinearPass } from '../methods/types.ts';
import type { Kernels } from '../tensor/kernels.ts';
import type { Saved } from '../tensor/saved.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import { FoldedLinear } from './foldedLinear.ts';
import type { Pass } from './pass.ts';

/**
 * Linear maps of the decoder that share their input. In training their weights stay apart: one product with the
 * stacked weights takes as long as two, and its parts would have to be split and joined again. In decoding, where rows are
 * few, they can be folded into one.
 */
export class LinearGroup {
  readonly bases: readonly BaseLinear[];
  readonly #k: Kernels;
  #map: LinearMap;
  #adapters: AdapterSet | undefined;
  #folded: FoldedLinear | undefined;
  /** Bases whose frozen weight is gone. */
  readonly #released = new Set<BaseLinear>();

  /** Takes over the tensors of the maps. */
  constructor(kernels: Kernels, bases: readonly BaseLinear[]) {
    this.#k = kernels;
    this.bases = bases;
    this.#map = new FrozenLinear(kernels, bases);
  }

  get trainable(): boolean {
    return this.#map.trainable;
  }

  /** Puts adapters on, or takes them off. */
  adapt(adapters: AdapterSet | undefined): void {
    this.unfold();
    this.#adapters = adapters;
    this.#map = adapters?.linear(this.bases) ?? new FrozenLinear(this.#k, this.bases);
  }

  /** Frees the frozen weights that parameters stand in for. */
  release(): void {
    for (const base of this.bases) {
      if (this.#released.has(base) || this.#adapters?.weights?.has(`${base.name}.weight`) !== true) continue;
      this.#released.add(base);
      base.weight.dispose();
    }
  }

  /** Values that folding takes up at most: a single map without adapter is used as it is. */
  get values(): number {
    return this.bases.reduce((sum, base) => sum + base.in * base.out, 0);
  }

  /**
   * Makes decoding passes use one product with the adapters' present values merged in, until {@link unfold}. Does
   * nothing where an adapter cannot be merged.
   */
  fold(): void {
    this.unfold();
    const mergeable = this.bases.every(({ name }) => this.#adapters?.matrices.get(name)?.mergeable ?? true);
    if (mergeable) this.#folded = new FoldedLinear(this.#k, this.bases, this.#adapters);
  }

  unfold(): void {
    this.#folded?.dispose();
    this.#folded = undefined;
  }

  /** See {@link LinearMap.forward}; where the group is folded, a decoding pass gets one output with all columns. */
  forward(x: TensorId, pass: Pass): { readonly outputs: readonly TensorId[]; readonly saved: Saved } {
    if (pass.store !== undefined && this.#folded !== undefined) {
      return { outputs: [this.#folded.forward(x, pass.rows)], saved: undefined };
    }
    return this.#map.forward(x, pass);
  }

  /** See {@link LinearMap.backward}. */
  backward(
    x: TensorId,
    gradients: readonly TensorId[],
    saved: Saved,
    pass: LinearPass,
    inputGradientNeeded: boolean,
  ): TensorId | undefined {
    if (!this.trainable && !inputGradientNeeded) return undefined;
    return this.#map.backward(x, gradients, saved, pass, inputGradientNeeded);
  }

  dispose(): void {
    this.unfold();
    for (const base of this.bases) {
      if (!this.#released.has(base)) base.weight.dispose();
      this.#k.freeSaved(base.bias);
    }
  }
}
