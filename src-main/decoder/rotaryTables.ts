import type { RopeSpec } from '../models/types.ts';
import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';

/** Cosines and signed sines of the rows of a batch, [N, 1, dimensions] each; see rotary.ts. */
export interface RotaryRows {
  readonly cos: TensorId;
  readonly sin: TensorId;
}

/** cos and sin of every position up to the largest seen, for one kind of rotary positions. */
export class RotaryTables {
  readonly #k: Kernels;
  readonly #frequencies: Float64Array;
  #positions = 0;
  #cos: TensorId | undefined;
  #sin: TensorId | undefined;

  constructor(kernels: Kernels, spec: RopeSpec) {
    this.#k = kernels;
    this.#frequencies = rotaryFrequencies(spec);
  }

  /** Pairs of dimensions that are turned: half of the dimensions. */
  get pairs(): number {
    return this.#frequencies.length;
  }

  /** The rows at these positions, new tensors. @param positions int32 [N]; `largest` among them */
  rows(positions: TensorId, largest: number): RotaryRows {
    const { cos, sin } = this.#upTo(largest + 1);
    const k = this.#k;
    const shape = [-1, 1, 2 * this.#frequencies.length];
    return {
      cos: k.reshape(k.take(k.gather(cos, positions)), shape),
      sin: k.reshape(k.take(k.gather(sin, positions)), shape),
    };
  }

  dispose(): void {
    if (this.#cos !== undefined && this.#sin !== undefined) this.#k.free(this.#cos, this.#sin);
    this.#cos = undefined;
    this.#sin = undefined;
    this.#positions = 0;
  }

  #upTo(count: number): { readonly cos: TensorId; readonly sin: TensorId } {
    if (this.#cos !== undefined && this.#sin !== undefined && count <= this.#positions) {
      return { cos: this.#cos, sin: this.#sin };
    }
    this.dispose();
    this.#positions = tableSize(count);
    const half = this.#frequencies.length;
    const cos = new Float32Array(this.#positions * 2 * half);
    const sin = new Float32Array(this.#positions * 2 * half);
    for (let position = 0; position < this.#positions; position++) {
      for (let i = 0; i < half; i++) {
        const angle = position * (this.#frequencies[i] ?? 0);
        const first = position * 2 * half + i;
        cos[first] = cos[first + half] = Math.cos(angle);
        sin[first + half] = Math.sin(angle);
        sin[first] = -Math.sin(angle);
      }
    }
    const shape = [this.#positions, 2 * half];
    this.#cos = this.#k.keep(this.#k.upload(cos, shape));
    this.#sin = this.#k.keep(this.#k.upload(sin, shape));
    return { cos: this.#cos, sin: this.#sin };
  }
}

/** Positions that tables have when they are asked for `count`. */
export function tableSize(count: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(count, 256)));
}

/**
 * Angle per position of each pair of rotated dimensions: θ^(−2i/d), then scaled as the model asks.
 * Sources: Su et al. 2021 (arXiv 2104.09864); `llama3` as in Meta's reference code, which stretches long wavelengths
 * by `factor`, leaves short ones, and blends in between.
 */
export function rotaryFrequencies({ theta, dimensions, scaling }: RopeSpec): Float64Array {
  const frequencies = Float64Array.from({ length: dimensions / 2 }, (_, i) => theta ** ((-2 * i) / dimensions));
  switch (scaling.type) {
    case 'none':
      return frequencies;
    case 'linear':
      return frequencies.map((frequency) => frequency / scaling.factor);
    case 'llama3': {
      const { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalContext } = scaling;
      return frequencies.map((frequency) => {
        const turns = (originalContext * frequency) / (2 * Math.PI);
        if (turns > high) return frequency;
        if (turns < low) return frequency / factor;
        const blend = (turns - low) / (high - low);
        return (1 - blend) * (frequency / factor) + blend * frequency;
      });
    }
  }
}
