import type { ArchSpec } from '../models/types.ts';
import { updateRows } from '../tensor/elementTypes.ts';
import type { Kernels } from '../tensor/kernels.ts';
import { RepeatedGraph } from '../tensor/repeatedGraph.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import type { KeyValueStore } from './pass.ts';

/** What stands in a column where a sequence has no token. */
export const noToken = -1;

interface KeysAndValues {
  /** [sequences, kvHeads, room, headDim] */
  readonly keys: TensorId;
  readonly values: TensorId;
}

type Sizes = Pick<ArchSpec, 'kvHeads' | 'headDim'>;

/**
 * Keys and values of several sequences that are being continued. Every call of `decode` fills as many columns as its
 * longest piece has tokens; shorter pieces leave columns unused. The tensors have room for some columns more, so that
 * a step writes its own alone and the rest stays where it is.
 */
export class DecoderCache implements KeyValueStore {
  readonly #k: Kernels;
  readonly #sizes: Sizes;
  readonly #layers = new Map<number, KeysAndValues>();
  /** Position of the token in each filled column, by sequence. */
  #columns: number[][];
  #room = 0;
  #places: TensorId | undefined;

  /** Steps of one token a sequence. */
  readonly steps: RepeatedGraph;

  constructor(kernels: Kernels, sizes: Sizes, sequences: number) {
    this.#k = kernels;
    this.#sizes = sizes;
    this.steps = new RepeatedGraph(kernels);
    this.#columns = Array.from({ length: sequences }, () => []);
  }

  /** Tokens of each sequence so far. */
  get lengths(): readonly number[] {
    return this.#columns.map((columns) => columns.filter((position) => position !== noToken).length);
  }

  /** Position of the token in each filled column, or {@link noToken}, by sequence. */
  get columns(): readonly (readonly number[])[] {
    return this.#columns;
  }

  /** Columns of the tensors. */
  get room(): number {
    return this.#room;
  }

  /** Notes the columns that a pass is about to fill in every layer. @param counts new tokens of each sequence */
  addColumns(counts: readonly number[]): void {
    const width = Math.max(...counts);
    const { lengths } = this;
    const filled = this.#columns[0]?.length ?? 0;
    if (this.#layers.size === 0) this.#room = width;
    else {
      if (filled + width > this.#room) this.#growTo(roomFor(filled + width));
      this.#notePlaces(filled, width);
    }
    this.#columns.forEach((columns, sequence) => {
      const from = lengths[sequence] ?? 0;
      const count = counts[sequence] ?? 0;
      for (let i = 0; i < width; i++) columns.push(i < count ? from + i : noToken);
    });
  }

  /** What a pass takes: keys and values of all layers in their order, and where it writes its own. */
  get tensors(): readonly TensorId[] {
    const kept = [...this.#layers.values()].flatMap(({ keys, values }) => [keys, values]);
    return this.#places === undefined ? kept : [...kept, this.#places];
  }

  append(layer: number, keys: TensorId, values: TensorId): KeysAndValues {
    const k = this.#k;
    const before = this.#layers.get(layer);
    if (before !== undefined) {
      return { keys: this.#write(before.keys, keys), values: this.#write(before.values, values) };
    }
    this.#layers.set(layer, { keys: k.keep(keys), values: k.keep(values) });
    return { keys: k.alias(keys), values: k.alias(values) };
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
    this.#k.freeSaved(this.#places);
    this.#places = undefined;
  }

  /** @param added consumed */
  #write(whole: TensorId, added: TensorId): TensorId {
    const k = this.#k;
    if (this.#places === undefined) throw new TypeError('A pass appends what addColumns has not been told of.');
    const { kvHeads, headDim } = this.#sizes;
    const flat = k.reshape(whole, [-1, headDim]);
    const rows = k.reshape(k.take(added), [-1, headDim]);
    const written = updateRows(k, k.take(flat), this.#places, k.take(rows));
    // Without naming the room: ops that are the same from step to step are run without going through this code.
    return k.reshape(k.take(written), [this.#columns.length, kvHeads, -1, headDim]);
  }

  #growTo(room: number): void {
    const k = this.#k;
    const { kvHeads, headDim } = this.#sizes;
    // Zeros: what is hidden is multiplied with 0, which must not be NaN.
    const more = k.fill([this.#columns.length, kvHeads, room - this.#room, headDim], 0);
    const grown = (tensor: TensorId): TensorId => k.concat([k.take(tensor), more], 2);
    for (const [layer, { keys, values }] of this.#layers) {
      this.#layers.set(layer, { keys: grown(keys), values: grown(values) });
    }
    k.free(more);
    this.#room = room;
  }

  /** Rows of the tensors, seen as [sequences · kvHeads · room, headDim], that the columns from `first` on are. */
  #notePlaces(first: number, width: number): void {
    const heads = this.#columns.length * this.#sizes.kvHeads;
    const places = Int32Array.from(
      { length: heads * width },
      (_, i) => Math.floor(i / width) * this.#room + first + (i % width),
    );
    this.#k.freeSaved(this.#places);
    this.#places = this.#k.uploadInts(places);
  }
}

const columnStep = 32;

/** Columns to make room for when so many are needed: to make room copies all of them, and what is empty is read along. */
function roomFor(columns: number): number {
  return columnStep * Math.ceil((columns + columns / 16) / columnStep);
}
