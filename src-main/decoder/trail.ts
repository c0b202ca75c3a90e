import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import { at } from '../util/at.ts';
import type { ResidualSaved } from './residualBlock.ts';

interface Footprint {
  /** The block's input. */
  readonly input: TensorId;
  /** Undefined where the backward pass works it out again. */
  saved: ResidualSaved | undefined;
}

/** The tensors of a pass on its way through the blocks, owned in one place, so that it can be broken off anywhere. */
export class Trail {
  readonly #k: Kernels;
  readonly #footprints: Footprint[] = [];
  /** The activations, later the gradient, that travel; freed with the trail. */
  current: TensorId | undefined;

  constructor(kernels: Kernels) {
    this.#k = kernels;
  }

  get length(): number {
    return this.#footprints.length;
  }

  get last(): Footprint {
    return at(this.#footprints, this.length - 1);
  }

  /** Takes over the tensors; `input` may be the current one. */
  push(input: TensorId, saved: ResidualSaved | undefined): void {
    this.#footprints.push({ input, saved });
    if (this.current === input) this.current = undefined;
  }

  /** Takes over what the last block leaves, worked out again. */
  restore(saved: ResidualSaved): void {
    at(this.#footprints, this.length - 1).saved = saved;
  }

  /** Frees the last footprint. */
  pop(): void {
    const { input, saved } = this.last;
    this.#footprints.pop();
    this.#k.freeSaved([input, saved]);
  }

  dispose(): void {
    while (this.length > 0) this.pop();
    this.#k.freeSaved(this.current);
    this.current = undefined;
  }
}
