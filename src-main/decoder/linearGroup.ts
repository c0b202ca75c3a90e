import { FrozenLinear } from '../methods/frozenLinear.ts';
import type { AdapterSet, BaseLinear, LinearMap, LinearPass } from '../methods/types.ts';
import type { Kernels } from '../tensor/kernels.ts';
import type { Saved } from '../tensor/saved.ts';
import type { TensorId } from '../tensor/tensorId.ts';

/**
 * Linear maps of the decoder that share their input. Their weights stay apart: one product with the stacked weights
 * takes as long as two, and its parts would have to be split and joined again.
 */
export class LinearGroup {
  readonly bases: readonly BaseLinear[];
  readonly #k: Kernels;
  #map: LinearMap;

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
    this.#map = adapters?.linear(this.bases) ?? new FrozenLinear(this.#k, this.bases);
  }

  /** See {@link LinearMap.forward}. */
  forward(x: TensorId, pass: LinearPass): { readonly outputs: readonly TensorId[]; readonly saved: Saved } {
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
    for (const { weight, bias } of this.bases) {
      weight.dispose();
      this.#k.freeSaved(bias);
    }
  }
}
