import { addGradient } from '../methods/parameter.ts';
import { TrainedWeight } from '../methods/trainedWeight.ts';
import type { Parameter } from '../methods/types.ts';
import type { FrozenWeight } from '../tensor/frozenWeight.ts';
import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import type { Pass } from './pass.ts';

/** Rows of the embedding, scaled where the family does that, plus learned positions where it has them. */
export class Embedding {
  readonly #k: Kernels;
  /** [V, hiddenSize] */
  readonly #tokens: FrozenWeight;
  readonly #positions: TensorId | undefined;
  readonly #scale: number;
  #trainedTokens: TrainedWeight | undefined;
  #trainedPositions: Parameter | undefined;
  #tokensReleased = false;

  /** Takes over weight and tensor. */
  constructor(kernels: Kernels, tokens: FrozenWeight, positions: TensorId | undefined, scale: number) {
    this.#k = kernels;
    this.#tokens = tokens;
    this.#positions = positions;
    this.#scale = scale;
  }

  /** Whether there is a gradient to be had of it. */
  get trainable(): boolean {
    return this.#trainedTokens !== undefined || this.#trainedPositions !== undefined;
  }

  /** Puts parameters in the place of the tables, or the frozen ones back. */
  adapt(tokens: Parameter | undefined, positions: Parameter | undefined): void {
    this.#trainedTokens = tokens && new TrainedWeight(this.#k, tokens);
    this.#trainedPositions = positions;
  }

  /** [N, hiddenSize] */
  forward(pass: Pass): TensorId {
    const k = this.#k;
    const rows = (this.#trainedTokens ?? this.#tokens).rows(pass.tokens);
    const scaled = this.#scale === 1 ? rows : k.scale(k.take(rows), this.#scale);
    const positions = this.#trainedPositions?.value ?? this.#positions;
    if (positions === undefined) return scaled;
    return k.add(k.take(scaled), k.take(k.gather(positions, pass.positions)));
  }

  /** Adds to the gradients of the trained tables. @param gradient [N, hiddenSize], borrowed */
  backward(gradient: TensorId, pass: Pass): void {
    const k = this.#k;
    const tokens = this.#trainedTokens?.parameter;
    if (tokens !== undefined) {
      const scaled = k.scale(gradient, this.#scale);
      addGradient(k, tokens, k.sumRows(k.take(scaled), pass.tokens, tokens.shape[0] ?? 0));
    }
    const positions = this.#trainedPositions;
    if (positions !== undefined) {
      addGradient(k, positions, k.sumRows(gradient, pass.positions, positions.shape[0] ?? 0));
    }
  }

  /** Frees the frozen table that a parameter stands in for. */
  release(): void {
    if (this.#trainedTokens === undefined || this.#tokensReleased) return;
    this.#tokensReleased = true;
    this.#tokens.dispose();
  }

  dispose(): void {
    if (!this.#tokensReleased) this.#tokens.dispose();
    this.#k.freeSaved(this.#positions);
  }
}
