import type { LinearPass } from '../methods/types.ts';
import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import type { TokenBatch } from './batch.ts';
import { causalMask } from './causalMask.ts';
import type { RotaryRows, RotaryTables } from './rotaryTables.ts';
import { createLayout, freeLayout, planGroups, type SequenceGroup, type SequenceLayout } from './sequenceLayout.ts';

/** Where a decoding pass keeps the keys and values of tokens to come back to. */
export interface KeyValueStore {
  /** Appends those of the new tokens to a layer's, takes them over and lends all so far. [B, kvHeads, T, headDim] */
  append(layer: number, keys: TensorId, values: TensorId): { readonly keys: TensorId; readonly values: TensorId };
}

/** What all layers share while one batch passes through them; its tensors are only lent. */
export interface Pass extends LinearPass {
  /** int32 [N] */
  readonly tokens: TensorId;
  readonly positions: TensorId;
  readonly layout: SequenceLayout;
  /** Cosines and sines of the rows, times `factor`. */
  rotary(tables: RotaryTables, factor: number): RotaryRows;
  /** Additive mask of a group, see `attend`. */
  mask(group: SequenceGroup, window: number | undefined): TensorId;
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
  readonly #rotary = new Map<RotaryTables, Map<number, RotaryRows>>();
  readonly #masks = new Map<string, TensorId>();

  protected constructor(kernels: Kernels, batch: TokenBatch, plan: readonly (readonly number[])[]) {
    this.k = kernels;
    this.rows = batch.tokens.length;
    this.tokens = kernels.uploadInts(batch.tokens.slice());
    this.positions = kernels.uploadInts(batch.positions.slice());
    this.#largestPosition = batch.positions.reduce((largest, position) => Math.max(largest, position), 0);
    this.layout = createLayout(kernels, batch.lengths, plan);
  }

  rotary(tables: RotaryTables, factor: number): RotaryRows {
    const known = this.#rotary.get(tables) ?? new Map<number, RotaryRows>();
    this.#rotary.set(tables, known);
    let rows = known.get(factor);
    if (rows === undefined) {
      rows = scaled(this.k, tables.rows(this.positions, this.#largestPosition), factor);
      known.set(factor, { cos: this.k.keep(rows.cos), sin: this.k.keep(rows.sin) });
    }
    return rows;
  }

  mask(group: SequenceGroup, window: number | undefined): TensorId {
    const key = `${String(group.length)} ${String(window)}`;
    let mask = this.#masks.get(key);
    if (mask === undefined) {
      mask = this.createMask(group, window);
      this.#masks.set(key, this.k.keep(mask));
    }
    return mask;
  }

  protected abstract createMask(group: SequenceGroup, window: number | undefined): TensorId;

  dispose(): void {
    freeLayout(this.k, this.layout);
    this.k.free(this.tokens, this.positions, ...this.#masks.values());
    for (const known of this.#rotary.values()) for (const { cos, sin } of known.values()) this.k.free(cos, sin);
  }
}

/** Whole sequences, as in training and evaluation. */
export class BatchPass extends PassTensors implements Pass {
  readonly dropoutSeed: readonly [number, number] | undefined;
  readonly store = undefined;

  /** @param heads query heads of the model */
  constructor(kernels: Kernels, batch: TokenBatch, heads: number, dropoutSeed?: readonly [number, number]) {
    super(kernels, batch, planGroups(batch.lengths, heads));
    this.dropoutSeed = dropoutSeed;
  }

  keyCount(group: SequenceGroup): number {
    return group.length;
  }

  /** [length, length]: a token sees itself and those before it, at most `window` in all. */
  protected override createMask({ length }: SequenceGroup, window: number | undefined): TensorId {
    return causalMask(this.k, length, length, 0, window);
  }
}

function scaled(k: Kernels, rows: RotaryRows, factor: number): RotaryRows {
  if (factor === 1) return rows;
  return { cos: k.scale(k.take(rows.cos), factor), sin: k.scale(k.take(rows.sin), factor) };
}
