import type { NormSpec } from '../models/types.ts';
import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';

/** 1 / standard deviation (rms: 1 / root mean square) and, for layer norms, the mean; one per row. */
export type NormSaved = { readonly inverse: TensorId; readonly mean: TensorId | undefined };

/**
 * RMS norm y = x / √(mean x² + ε) · w (Zhang & Sennrich 2019) or layer norm y = (x − x̄) / √(var x + ε) · w + b
 * (Ba et al. 2016), over the last dimension. The weights are frozen.
 */
export class Norm {
  readonly #k: Kernels;
  readonly #epsilon: number;
  readonly #weight: TensorId;
  /** Only a layer norm has a bias. */
  readonly #bias: TensorId | undefined;

  /** Takes over the tensors; a weight that is stored as w − 1 has been completed. */
  constructor(kernels: Kernels, spec: NormSpec, weight: TensorId, bias: TensorId | undefined) {
    this.#k = kernels;
    this.#epsilon = spec.epsilon;
    this.#weight = weight;
    this.#bias = bias;
  }

  forward(x: TensorId): { readonly y: TensorId; readonly saved: NormSaved } {
    const k = this.#k;
    const mean = this.#bias === undefined ? undefined : k.mean(x, [-1], true);
    const squares = mean === undefined ? k.square(x) : k.square(k.take(k.sub(x, mean)));
    const variance = k.mean(k.take(squares), [-1], true);
    const inverse = k.rsqrt(k.take(k.shift(k.take(variance), this.#epsilon)));
    const saved = { inverse, mean };
    return { y: this.apply(x, saved), saved };
  }

  /** The norm of x from what the forward pass found: cheaper to work out again than to keep. */
  apply(x: TensorId, { inverse, mean }: NormSaved): TensorId {
    const k = this.#k;
    const unit = mean === undefined ? k.mul(x, inverse) : k.mul(k.take(k.sub(x, mean)), inverse);
    const scaled = k.mul(k.take(unit), this.#weight);
    return this.#bias === undefined ? scaled : k.add(k.take(scaled), this.#bias);
  }

  /**
   * The gradient of x. With x̂ = (x − x̄) r and h = g ⊙ w:  dx = r (h − x̂ · mean(h ⊙ x̂)), less r · mean(h) for a layer
   * norm. x̂ is not kept: r³ x mean(h ⊙ x) is the same as r x̂ mean(h ⊙ x̂).
   */
  backward(gradient: TensorId, x: TensorId, { inverse, mean }: NormSaved): TensorId {
    const k = this.#k;
    const weighted = k.mul(gradient, this.#weight);
    const centred = mean === undefined ? k.alias(x) : k.sub(x, mean);
    const along = k.mean(k.take(k.mul(weighted, centred)), [-1], true);
    const cubed = k.mul(k.take(k.square(inverse)), inverse);
    const correction = k.mul(k.take(centred), k.take(k.mul(k.take(along), k.take(cubed))));
    if (mean === undefined) return k.sub(k.take(k.mul(k.take(weighted), inverse)), k.take(correction));
    const average = k.mean(weighted, [-1], true);
    const level = k.sub(k.take(weighted), k.take(average));
    return k.sub(k.take(k.mul(k.take(level), inverse)), k.take(correction));
  }

  dispose(): void {
    this.#k.free(this.#weight, ...(this.#bias === undefined ? [] : [this.#bias]));
  }
}
