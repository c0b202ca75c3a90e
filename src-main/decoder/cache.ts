import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import { RepeatedGraph } from '../tensor/repeatedGraph.ts';
import { at } from '../util/at.ts';
import type { KeyValueStore } from './pass.ts';

/** What stands in a column where a sequence has no token. */
export const noToken = -1;

interface KeysAndValues {
  /** [sequences, kvHeads, columns, headDim] */
  readonly keys: TensorId;
  readonly values: TensorId;
}

/**
 * Keys and values of several sequences that are being continued. Every call of `decode` adds as many columns as its
 * longest piece has tokens; shorter pieces leave columns unused.
 */
export class DecoderCache implements KeyValueStore {
  readonly #k: Kernels;
  readonly #layers = new Map<number, KeysAndValues>();
  /** Position of the token in each column, by sequence. */
  #columns: number[][];

  /** Steps of one token a sequence. */
  readonly steps: RepeatedGraph;

  constructor(kernels: Kernels, sequences: number) {
    this.#k = kernels;
    this.steps = new RepeatedGraph(kernels);
    this.#columns = Array.from({ length: sequences }, () => []);
  }

  /** Tokens of each sequence so far. */
  get lengths(): readonly number[] {
    return this.#columns.map((columns) => columns.filter((position) => position !== noToken).length);
  }

  /** Position of the token in each column, or {@link noToken}, by sequence. */
  get columns(): readonly (readonly number[])[] {
    return this.#columns;
  }

  /** Notes the columns that a pass is about to append to every layer. @param counts new tokens of each sequence */
  addColumns(counts: readonly number[]): void {
    const width = Math.max(...counts);
    const { lengths } = this;
    this.#columns.forEach((columns, sequence) => {
      const from = lengths[sequence] ?? 0;
      const count = counts[sequence] ?? 0;
      for (let i = 0; i < width; i++) columns.push(i < count ? from + i : noToken);
    });
  }

  /** Keys and values of all layers so far, in their order. */
  get tensors(): readonly TensorId[] {
    return [...this.#layers.values()].flatMap(({ keys, values }) => [keys, values]);
  }

  /** Takes over the tensors of all layers, as far as they are not its own already. @param tensors as {@link tensors} */
  adopt(tensors: readonly TensorId[]): void {
    [...this.#layers].forEach(([layer, before], i) => {
      const now = { keys: at(tensors, 2 * i), values: at(tensors, 2 * i + 1) };
      this.#layers.set(layer, now);
      if (before.keys !== now.keys) this.#k.free(before.keys, before.values);
    });
  }

  append(layer: number, keys: TensorId, values: TensorId): KeysAndValues {
    const k = this.#k;
    const before = this.#layers.get(layer);
    const now =
      before === undefined
        ? { keys, values }
        : { keys: this.#join(before.keys, keys), values: this.#join(before.values, values) };
    this.#layers.set(layer, { keys: k.keep(now.keys), values: k.keep(now.values) });
    if (before !== undefined) k.free(before.keys, before.values, keys, values);
    return now;
  }

  /** Keeps these sequences, in this order (an index may occur several times); the others are dropped. */
  select(sequences: readonly number[]): void {
    const k = this.#k;
    this.#columns = sequences.map((sequence) => [...(this.#columns[sequence] ?? [])]);
    const indexes = k.uploadInts(Int32Array.from(sequences));
    for (const [layer, { keys, values }] of this.#layers) {
      this.#layers.set(layer, { keys: k.gather(k.take(keys), indexes), values: k.gather(k.take(values), indexes) });
    }
    k.free(indexes);
  }

  dispose(): void {
    for (const { keys, values } of this.#layers.values()) this.#k.free(keys, values);
    this.#layers.clear();
  }

  #join(before: TensorId, added: TensorId): TensorId {
    return this.#k.concat([before, added], 2);
  }
}
