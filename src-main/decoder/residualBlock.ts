import type { Kernels } from '../tensor/kernels.ts';
import type { Saved } from '../tensor/saved.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import type { LinearGroup } from './linearGroup.ts';
import type { Norm, NormSaved } from './norm.ts';
import type { Pass } from './pass.ts';

/** Attention or MLP. */
export interface Block {
  /** The linear maps that can carry adapters. */
  readonly groups: readonly LinearGroup[];
  /** Norms inside, of queries and keys. */
  readonly norms: readonly Norm[];
  /** @param x [N, hiddenSize], borrowed, here and below */
  forward(x: TensorId, pass: Pass): { readonly y: TensorId; readonly saved: Saved };
  backward(
    gradient: TensorId,
    x: TensorId,
    saved: Saved,
    pass: Pass,
    inputGradientNeeded: boolean,
  ): TensorId | undefined;
  dispose(): void;
}

export type ResidualSaved = {
  readonly norm: NormSaved;
  readonly block: Saved;
  /** The block's output and its norm's figures, where there is a norm on it. */
  readonly post: { readonly input: TensorId; readonly norm: NormSaved } | undefined;
};

/** y = x + post(block(norm(x))), half a layer; `post` is a norm that only some families have. */
export class ResidualBlock {
  readonly #k: Kernels;
  readonly #norm: Norm;
  readonly #block: Block;
  readonly #post: Norm | undefined;

  constructor(kernels: Kernels, norm: Norm, block: Block, post: Norm | undefined) {
    this.#k = kernels;
    this.#norm = norm;
    this.#block = block;
    this.#post = post;
  }

  get groups(): readonly LinearGroup[] {
    return this.#block.groups;
  }

  get norms(): readonly Norm[] {
    return [this.#norm, ...this.#block.norms, ...(this.#post === undefined ? [] : [this.#post])];
  }

  get trainable(): boolean {
    return [...this.groups, ...this.norms].some((part) => part.trainable);
  }

  /** @param x [N, hiddenSize] */
  forward(x: TensorId, pass: Pass): { readonly y: TensorId; readonly saved: ResidualSaved } {
    const k = this.#k;
    const normed = this.#norm.forward(x);
    const { y: output, saved: block } = this.#block.forward(normed.y, pass);
    k.free(normed.y);
    const saved = { norm: normed.saved, block };
    if (this.#post === undefined) return { y: k.add(x, k.take(output)), saved: { ...saved, post: undefined } };
    const post = this.#post.forward(output);
    return { y: k.add(x, k.take(post.y)), saved: { ...saved, post: { input: output, norm: post.saved } } };
  }

  /**
   * Adds to the gradients of the block's parameters.
   * @returns the gradient of x, or undefined when it is not needed
   */
  backward(
    gradient: TensorId,
    x: TensorId,
    saved: ResidualSaved,
    pass: Pass,
    inputGradientNeeded: boolean,
  ): TensorId | undefined {
    const k = this.#k;
    const { post } = saved;
    const dOutput =
      this.#post === undefined || post === undefined
        ? k.alias(gradient)
        : this.#post.backward(gradient, post.input, post.norm);
    const input = this.#norm.apply(x, saved.norm);
    const innerNeeded = inputGradientNeeded || this.#norm.trainable;
    const dInput = this.#block.backward(dOutput, input, saved.block, pass, innerNeeded);
    k.free(dOutput, input);
    if (dInput === undefined) return undefined;
    const dx = this.#norm.backward(dInput, x, saved.norm);
    k.free(dInput);
    if (inputGradientNeeded) return k.add(gradient, k.take(dx));
    k.free(dx);
    return undefined;
  }

  dispose(): void {
    this.#norm.dispose();
    this.#post?.dispose();
    this.#block.dispose();
  }
}
