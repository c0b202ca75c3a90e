import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import type { Norm, NormSaved } from './norm.ts';
import type { Pass } from './pass.ts';
import { rotate, rotateBack } from './rotary.ts';
import type { RotaryTables } from './rotaryTables.ts';

/** What happens to the rows of q or k between their projection and attention. */
export interface HeadRowsSpec {
  readonly heads: number;
  readonly headDim: number;
  /** Multiplies the result: the attention's scale for q, 1 for k. */
  readonly factor: number;
  /** Over each head. */
  readonly norm: Norm | undefined;
  readonly rotary: { readonly tables: RotaryTables; readonly dimensions: number } | undefined;
}

type HeadRowsSaved = { readonly input: TensorId; readonly norm: NormSaved } | undefined;

/** Norm of each head, rotary positions and scale, where the model has them. */
export class HeadRows {
  readonly #k: Kernels;
  readonly #spec: HeadRowsSpec;

  constructor(kernels: Kernels, spec: HeadRowsSpec) {
    this.#k = kernels;
    this.#spec = spec;
  }

  get spec(): HeadRowsSpec {
    return this.#spec;
  }

  get norm(): Norm | undefined {
    return this.#spec.norm;
  }

  /** @param rows [N, heads · headDim], consumed @returns [N, heads, headDim] */
  forward(rows: TensorId, pass: Pass): { readonly heads: TensorId; readonly saved: HeadRowsSaved } {
    const k = this.#k;
    const { heads, headDim, norm } = this.#spec;
    const input = k.reshape(k.take(rows), [-1, heads, headDim]);
    if (norm === undefined) return { heads: this.#turn(input, pass, rotate), saved: undefined };
    const normed = norm.forward(input);
    return { heads: this.#turn(normed.y, pass, rotate), saved: { input, norm: normed.saved } };
  }

  /** @param gradient [N, heads, headDim], consumed @returns [N, heads · headDim] */
  backward(gradient: TensorId, saved: HeadRowsSaved, pass: Pass): TensorId {
    const k = this.#k;
    const { heads, headDim, norm } = this.#spec;
    let g = this.#turn(gradient, pass, rotateBack);
    if (norm !== undefined && saved !== undefined) {
      const before = norm.backward(g, saved.input, saved.norm);
      k.free(g);
      g = before;
    }
    return k.reshape(k.take(g), [-1, heads * headDim]);
  }

  dispose(): void {
    this.#spec.norm?.dispose();
  }

  /** Rotates one way or the other and scales. @param x [N, heads, headDim], consumed */
  #turn(x: TensorId, pass: Pass, direction: typeof rotate): TensorId {
    const k = this.#k;
    const { rotary, factor, heads, headDim } = this.#spec;
    if (rotary === undefined) return factor === 1 ? x : k.scale(k.take(x), factor);
    // Where every dimension is rotated, the cosines and sines carry the factor.
    const folded = rotary.dimensions === headDim;
    const rows = pass.rotary(rotary.tables, folded ? factor : 1);
    const turned = direction(k, x, rows, { heads, headDim, dimensions: rotary.dimensions });
    k.free(x);
    return folded || factor === 1 ? turned : k.scale(k.take(turned), factor);
  }
}
