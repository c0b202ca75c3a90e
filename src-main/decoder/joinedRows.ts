import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import type { HeadRowsSpec } from './headRows.ts';
import type { Pass } from './pass.ts';
import type { RotaryTables } from './rotaryTables.ts';

/**
 * Rows of q, k and v side by side, as one product gives them: q and k are turned by their positions at once. Where rows
 * are few, starting kernels takes longer than what they do, and this needs nine instead of seventeen.
 */
export class JoinedRows {
  readonly #k: Kernels;
  readonly #tables: RotaryTables;
  readonly #kvHeads: number;
  readonly #headDim: number;
  /** Of each head of q and k. */
  readonly #factors: readonly number[];

  private constructor(kernels: Kernels, tables: RotaryTables, queries: HeadRowsSpec, keys: HeadRowsSpec) {
    this.#k = kernels;
    this.#tables = tables;
    this.#kvHeads = keys.heads;
    this.#headDim = queries.headDim;
    this.#factors = [queries, keys].flatMap(({ heads, factor }) => new Array<number>(heads).fill(factor));
  }

  /** Undefined where q and k are normed, not turned, or not in all dimensions. */
  static for(kernels: Kernels, queries: HeadRowsSpec, keys: HeadRowsSpec): JoinedRows | undefined {
    const { rotary, headDim } = queries;
    if (rotary?.dimensions !== headDim || rotary.tables !== keys.rotary?.tables) return undefined;
    const normed = queries.norm !== undefined || keys.norm !== undefined;
    return normed ? undefined : new JoinedRows(kernels, rotary.tables, queries, keys);
  }

  /**
   * @param joined [N, (heads + 2 kvHeads) · headDim], consumed
   * @returns rows [N, heads or kvHeads, 2, headDim / 2], q times its factor
   */
  apart(joined: TensorId, pass: Pass): { readonly q: TensorId; readonly key: TensorId; readonly value: TensorId } {
    const k = this.#k;
    const turning = this.#factors.length;
    const rows = k.reshape(k.take(joined), [-1, turning + this.#kvHeads, 2, this.#headDim / 2]);
    const [still, value] = k.split(k.take(rows), [turning, this.#kvHeads], 1) as [TensorId, TensorId];
    const { cos, sin } = pass.rotaryOfHeads(this.#tables, this.#factors);
    const swapped = k.mul(k.take(k.reverse(still, 2)), sin);
    const turned = k.add(k.take(k.mul(k.take(still), cos)), k.take(swapped));
    const [q, key] = k.split(k.take(turned), [turning - this.#kvHeads, this.#kvHeads], 1) as [TensorId, TensorId];
    return { q, key, value };
  }
}
