import type { ProductType } from '../contract/productTypes.ts';
import type { LinearPass } from '../methods/types.ts';
import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import type { TokenBatch } from './batch.ts';
import { causalMask } from './causalMask.ts';
import type { RotaryRows, RotaryTables } from './rotaryTables.ts';
import { createLayout, freeLayout, planGroups, type SequenceGroup, type SequenceLayout } from './sequenceLayout.ts';

/** Where a decoding pass keeps the keys and values of tokens to come back to. */
export interface KeyValueStore {
  /** Appends those of the new tokens to a layer's and takes them over; returns all so far, the caller's. [B, kvHeads, T, headDim] */
  append(layer: number, keys: TensorId, values: TensorId): { readonly keys: TensorId; readonly values: TensorId };
}

/** What all layers share while one batch passes through them; its tensors are only lent. */
export interface Pass extends LinearPass {
  /** int32 [N] */
  readonly tokens: TensorId;
  readonly positions: TensorId;
  /** What products of matrices are computed in. */
  readonly products: ProductType;
  readonly layout: SequenceLayout;
  /** Cosines and sines of the rows, times `factor`. */
  rotary(tables: RotaryTables, factor: number): RotaryRows;
  /** [N, heads, 2, dimensions / 2], each head times its factor. */
  rotaryOfHeads(tables: RotaryTables, factors: readonly number[]): RotaryRows;
  /** Additive mask of a group, see `attend`; undefined where every token sees all keys. */
  mask(group: SequenceGroup, window: number | undefined): TensorId | undefined;
  /** Keys of a group's tokens, those of earlier passes included. */
  keyCount(group: SequenceGroup): number;
  readonly store: KeyValueStore | undefined;
}

/** Tensors that depend on the batch and are made when first asked for. */
export abstract class PassTensors {
  readonly rows: number;
  readonly tokens: TensorId;
  readonly positions: TensorId;
  readonly layout: SequenceLayout;
  protected readonly k: Kernels;
  readonly #largestPosition: number;
  readonly #rotary = new Map<RotaryTables, Map<string, RotaryRows>>();
  readonly #masks = new Map<string, TensorId | undefined>();

  protected constructor(kernels: Kernels, batch: TokenBatch, plan: readonly (readonly number[])[]) {
    this.k = kernels;
    this.rows = batch.tokens.length;
    this.tokens = kernels.uploadInts(batch.tokens.slice());
    this.positions = kernels.uploadInts(batch.positions.slice());
    this.#largestPosition = batch.positions.reduce((largest, position) => Math.max(largest, position), 0);
    this.layout = createLayout(kernels, batch.lengths, plan, batch.sharedPrefix);
  }

  rotary(tables: RotaryTables, factor: number): RotaryRows {
    return this.#onceFor(tables, String(factor), () => scaled(this.k, this.#rowsOf(tables), factor));
  }

  rotaryOfHeads(tables: RotaryTables, factors: readonly number[]): RotaryRows {
    return this.#onceFor(tables, factors.join(' '), () => ofHeads(this.k, this.#rowsOf(tables), factors, tables.pairs));
  }

  #rowsOf(tables: RotaryTables): RotaryRows {
    return tables.rows(this.positions, this.#largestPosition);
  }

  #onceFor(tables: RotaryTables, key: string, make: () => RotaryRows): RotaryRows {
    const known = this.#rotary.get(tables) ?? new Map<string, RotaryRows>();
    this.#rotary.set(tables, known);
    let rows = known.get(key);
    if (rows === undefined) {
      rows = make();
      known.set(key, { cos: this.k.keep(rows.cos), sin: this.k.keep(rows.sin) });
    }
    return rows;
  }

  mask(group: SequenceGroup, window: number | undefined): TensorId | undefined {
    const key = `${String(group.length)} ${String(window)}`;
    if (!this.#masks.has(key)) {
      const mask = this.createMask(group, window);
      this.#masks.set(key, mask === undefined ? undefined : this.k.keep(mask));
    }
    return this.#masks.get(key);
  }

  protected abstract createMask(group: SequenceGroup, window: number | undefined): TensorId | undefined;

  dispose(): void {
    freeLayout(this.k, this.layout);
    this.k.free(this.tokens, this.positions);
    this.k.freeSaved([...this.#masks.values()]);
    for (const known of this.#rotary.values()) for (const { cos, sin } of known.values()) this.k.free(cos, sin);
  }
}

/** Whole sequences, as in training and evaluation. */
export class BatchPass extends PassTensors implements Pass {
  readonly dropoutSeed: readonly [number, number] | undefined;
  readonly products: ProductType;
  readonly store = undefined;

  /** @param heads query heads of the model */
  constructor(
    kernels: Kernels,
    batch: TokenBatch,
    heads: number,
    dropoutSeed?: readonly [number, number],
    products: ProductType = 'float32',
  ) {
    super(kernels, batch, planGroups(batch.lengths, heads));
    this.dropoutSeed = dropoutSeed;
    this.products = products;
  }

  keyCount(group: SequenceGroup): number {
    return group.length;
  }

  /** [length, length]: a token sees itself and those before it, at most `window` in all. */
  protected override createMask({ length }: SequenceGroup, window: number | undefined): TensorId {
    return causalMask(this.k, length, length, 0, window);
  }
}

/** [N, 1, d] → [N, heads, 2, d / 2], each head times its factor. @param rows consumed */
function ofHeads(k: Kernels, { cos, sin }: RotaryRows, factors: readonly number[], pairs: number): RotaryRows {
  const perHead = k.constantColumn(factors);
  const spread = (part: TensorId): TensorId => {
    const heads = k.mul(k.take(part), perHead); // [N, heads, d]
    return k.reshape(k.take(heads), [-1, factors.length, 2, pairs]);
  };
  return { cos: spread(cos), sin: spread(sin) };
}

function scaled(k: Kernels, rows: RotaryRows, factor: number): RotaryRows {
  if (factor === 1) return rows;
  return { cos: k.scale(k.take(rows.cos), factor), sin: k.scale(k.take(rows.sin), factor) };
}
