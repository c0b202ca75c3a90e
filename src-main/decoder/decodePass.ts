import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import { at } from '../util/at.ts';
import type { TokenBatch } from './batch.ts';
import { noToken, type DecoderCache } from './cache.ts';
import { hidden } from './causalMask.ts';
import { PassTensors, type Pass } from './pass.ts';
import type { SequenceGroup } from './sequenceLayout.ts';

/** The batch of the tokens that come next in each sequence of a cache. @param tokens at least one for each sequence */
export function continuation(cache: DecoderCache, tokens: readonly (readonly number[])[]): TokenBatch {
  const before = cache.lengths;
  const positions = tokens.flatMap((own, sequence) => own.map((_, i) => at(before, sequence) + i));
  return {
    tokens: Int32Array.from(tokens.flat()),
    positions: Int32Array.from(positions),
    lengths: tokens.map((own) => own.length),
  };
}

/** The new tokens of sequences whose earlier ones are in a cache. */
export class DecodePass extends PassTensors implements Pass {
  readonly dropoutSeed = undefined;
  readonly products = 'float32';
  readonly store: DecoderCache;
  readonly #lengths: readonly number[];

  /** Notes the new tokens in the cache. @param batch of {@link continuation} */
  constructor(kernels: Kernels, cache: DecoderCache, batch: TokenBatch) {
    const { lengths } = batch;
    // The cache holds all sequences in one tensor, so they are one group.
    super(kernels, batch, [lengths.map((_, sequence) => sequence)]);
    cache.addColumns(lengths);
    this.store = cache;
    this.#lengths = lengths;
  }

  keyCount(): number {
    return this.store.room;
  }

  /** Tensors from outside that the layers take: what changes from one step to the next. */
  given(windows: ReadonlySet<number | undefined>): readonly TensorId[] {
    const [group] = this.layout.groups;
    const masks = group === undefined ? [] : [...windows].map((window) => this.mask(group, window));
    return [this.tokens, this.positions, ...masks.filter((mask) => mask !== undefined), ...this.store.tensors];
  }

  /**
   * [sequences, 1, 1, queries, columns], without the third dimension for one query; a padded query sees whatever its
   * sequence's last token sees.
   */
  protected override createMask({ length }: SequenceGroup, window: number | undefined): TensorId | undefined {
    const { columns } = this.store;
    const keys = this.keyCount();
    const mask = new Float32Array(columns.length * length * keys).fill(hidden);
    columns.forEach((positions, sequence) => {
      const own = at(this.#lengths, sequence);
      const first = Math.max(...positions) + 1 - own;
      for (let query = 0; query < length; query++) {
        const position = first + Math.min(query, own - 1);
        const row = (sequence * length + query) * keys;
        positions.forEach((key, column) => {
          const visible = key !== noToken && key <= position && (window === undefined || position - key < window);
          if (visible) mask[row + column] = 0;
        });
      }
    });
    if (mask.every((value) => value === 0)) return undefined;
    return this.k.upload(mask, length === 1 ? [columns.length, 1, 1, keys] : [columns.length, 1, 1, length, keys]);
  }
}
