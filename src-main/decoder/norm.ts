import { addGradient } from '../methods/parameter.ts';
import type { Parameter } from '../methods/types.ts';
import type { NormSpec } from '../models/types.ts';
import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';

/** 1 / standard deviation (rms: 1 / root mean square) and, for layer norms, the mean; one per row. */
export type NormSaved = { readonly inverse: TensorId; readonly mean: TensorId | undefined };

/**
 * RMS norm y = x / √(mean x² + ε) · w (Zhang & Sennrich 2019) or layer norm y = (x − x̄) / √(var x + ε) · w + b
 * (Ba et al. 2016), over the last dimension. The weights are frozen, save where parameters take
 * their place.
 */
export class Norm {
  readonly #k: Kernels;
  readonly #spec: NormSpec;
  readonly #weight: TensorId;
  /** Only a layer norm has a bias. */
  readonly #bias: TensorId | undefined;
  #trained: { readonly weight: Parameter | undefined; readonly bias: Parameter | undefined } | undefined;

  /** Takes over the tensors; a weight that is stored as w − 1 has been completed. */
  constructor(kernels: Kernels, spec: NormSpec, weight: TensorId, bias: TensorId | undefined) {
    this.#k = kernels;
    this.#spec = spec;
    this.#weight = weight;
    this.#bias = bias;
  }

  /** Whether a backward pass gives gradients of its own. */
  get trainable(): boolean {
    return this.#trained !== undefined;
  }

  /** Puts parameters in the place of weight and bias, or the frozen ones back. @param weights by tensor name */
  adapt(weights: ReadonlyMap<string, Parameter> | undefined): void {
    const [weight, bias] = ['weight', 'bias'].map((end) => weights?.get(`${this.#spec.name}.${end}`));
    this.#trained = weight === undefined && bias === undefined ? undefined : { weight, bias };
  }

  forward(x: TensorId): { readonly y: TensorId; readonly saved: NormSaved } {
    const k = this.#k;
    const mean = this.#bias === undefined ? undefined : k.mean(x, [-1], true);
    const squares = mean === undefined ? k.square(x) : k.square(k.take(k.sub(x, mean)));
    const variance = k.mean(k.take(squares), [-1], true);
    const inverse = k.rsqrt(k.take(k.shift(k.take(variance), this.#spec.epsilon)));
    const saved = { inverse, mean };
    return { y: this.apply(x, saved), saved };
  }

  /** The norm of x from what the forward pass found: cheaper to work out again than to keep. */
  apply(x: TensorId, { inverse, mean }: NormSaved): TensorId {
    const k = this.#k;
    const unit = mean === undefined ? k.mul(x, inverse) : k.mul(k.take(k.sub(x, mean)), inverse);
    const scaled = this.#timesWeight(k.take(unit));
    const bias = this.#trained?.bias?.value ?? this.#bias;
    return bias === undefined ? scaled : k.add(k.take(scaled), bias);
  }

  /**
   * The gradient of x; adds to those of trained weights. With x̂ = (x − x̄) r and h = g ⊙ w:  dx = r (h − x̂ · mean(h ⊙ x̂)), less r · mean(h) for a layer
   * norm. x̂ is not kept: r³ x mean(h ⊙ x) is the same as r x̂ mean(h ⊙ x̂).
   */
  backward(gradient: TensorId, x: TensorId, { inverse, mean }: NormSaved): TensorId {
    const k = this.#k;
    if (this.#trained !== undefined) this.#addGradients(gradient, x, { inverse, mean });
    const weighted = this.#timesWeight(gradient);
    const centred = mean === undefined ? k.alias(x) : k.sub(x, mean);
    const along = k.mean(k.take(k.mul(weighted, centred)), [-1], true);
    const cubed = k.mul(k.take(k.square(inverse)), inverse);
    const correction = k.mul(k.take(centred), k.take(k.mul(k.take(along), k.take(cubed))));
    if (mean === undefined) return k.sub(k.take(k.mul(k.take(weighted), inverse)), k.take(correction));
    const average = k.mean(weighted, [-1], true);
    const level = k.sub(k.take(weighted), k.take(average));
    return k.sub(k.take(k.mul(k.take(level), inverse)), k.take(correction));
  }

  #timesWeight(a: TensorId): TensorId {
    const k = this.#k;
    const trained = this.#trained?.weight;
    if (trained === undefined) return k.mul(a, this.#weight);
    // The parameter is the stored tensor, w − 1 in some families.
    return this.#spec.plusOne ? k.mul(a, k.take(k.shift(trained.value, 1))) : k.mul(a, trained.value);
  }

  /** dw = Σ g ⊙ x̂ and db = Σ g, over all rows. */
  #addGradients(gradient: TensorId, x: TensorId, { inverse, mean }: NormSaved): void {
    const k = this.#k;
    const { weight, bias } = this.#trained ?? {};
    const overRows = (terms: TensorId, { shape }: Parameter): TensorId =>
      k.sum(k.take(k.reshape(terms, [-1, shape[0] ?? 1])), [0]);
    if (bias !== undefined) addGradient(k, bias, overRows(gradient, bias));
    if (weight === undefined) return;
    const centred = mean === undefined ? k.alias(x) : k.sub(x, mean);
    const normed = k.mul(k.take(centred), inverse);
    const terms = k.mul(gradient, k.take(normed));
    addGradient(k, weight, overRows(k.take(terms), weight));
  }

  dispose(): void {
    this.#k.free(this.#weight, ...(this.#bias === undefined ? [] : [this.#bias]));
  }
}
