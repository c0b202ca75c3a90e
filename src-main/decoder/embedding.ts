import type { FrozenWeight } from '../tensor/frozenWeight.ts';
import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import type { Pass } from './pass.ts';

/** Rows of the embedding, scaled where the family does that, plus learned positions where it has them. */
export class Embedding {
  readonly #k: Kernels;
  /** [V, hiddenSize] */
  readonly tokens: FrozenWeight;
  readonly #positions: TensorId | undefined;
  readonly #scale: number;

  /** Takes over weight and tensor. */
  constructor(kernels: Kernels, tokens: FrozenWeight, positions: TensorId | undefined, scale: number) {
    this.#k = kernels;
    this.tokens = tokens;
    this.#positions = positions;
    this.#scale = scale;
  }

  /** [N, hiddenSize] */
  forward(pass: Pass): TensorId {
    const k = this.#k;
    const rows = this.tokens.rows(pass.tokens);
    const scaled = this.#scale === 1 ? rows : k.scale(k.take(rows), this.#scale);
    if (this.#positions === undefined) return scaled;
    return k.add(k.take(scaled), k.take(k.gather(this.#positions, pass.positions)));
  }

  dispose(): void {
    this.tokens.dispose();
    this.#k.freeSaved(this.#positions);
  }
}
