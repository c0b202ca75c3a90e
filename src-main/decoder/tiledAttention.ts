/**
 * Attention of whole sequences, some queries at a time: only the scores of one tile exist at once, so memory grows with
 * the length and not with its square, and scores that the causal mask or the window hides are not computed. The backward
 * pass works the probabilities out again (the idea of Dao et al. 2022, arXiv 2205.14135; each tile sees all of its keys
 * at once, so its softmax needs no running maximum).
 */
import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import { attend, attendBackward, attentionProbabilities, type AttentionShape } from './attentionCore.ts';
import { causalMask } from './causalMask.ts';

/** Queries of a tile. */
export const tileQueries = 256;

/** Queries `from … to − 1` and the keys `keysFrom … to − 1` that they can see. */
interface Tile {
  readonly from: number;
  readonly to: number;
  readonly keysFrom: number;
}

export function planTiles(length: number, window: number | undefined): Tile[] {
  const tiles: Tile[] = [];
  for (let from = 0; from < length; from += tileQueries) {
    const keysFrom = window === undefined ? 0 : Math.max(0, from - window + 1);
    tiles.push({ from, to: Math.min(length, from + tileQueries), keysFrom });
  }
  return tiles;
}

/** What is hidden from tokens, and how scores are capped. */
export interface Visibility {
  readonly softcap: number | undefined;
  readonly window: number | undefined;
  /** Mask of the whole sequence, lent; needed for no more than a tile, so that it is made once for all layers. */
  readonly whole?: TensorId | undefined;
}

/**
 * Tensors as in `attend`; the queries are the keys' own.
 * @returns probabilities where there is one tile, for the backward pass
 */
export function attendTiled(
  k: Kernels,
  shape: AttentionShape,
  q: TensorId,
  key: TensorId,
  value: TensorId,
  { softcap, window, whole }: Visibility,
): { readonly output: TensorId; readonly probabilities: TensorId | undefined } {
  const tiles = planTiles(shape.queries, window);
  const parts = tiles.map((tile) => {
    const own = tensorsOf(k, shape, tile, q, key, value);
    const mask = maskOf(k, tile, window, whole);
    const { output, probabilities } = attend(k, own.shape, own.q, own.key, own.value, mask, softcap);
    k.free(own.q, own.key, own.value, mask);
    if (tiles.length === 1) return { output, probabilities };
    k.free(probabilities);
    return { output, probabilities: undefined };
  });
  const output = joinQueries(
    k,
    shape,
    parts.map((part) => part.output),
  );
  return { output, probabilities: parts[0]?.probabilities };
}

/** Gradients of q, key and value. Parameters as {@link attendTiled}. @param known its probabilities, borrowed */
export function attendTiledBackward(
  k: Kernels,
  shape: AttentionShape,
  gradient: TensorId,
  q: TensorId,
  key: TensorId,
  value: TensorId,
  { softcap, window, whole }: Visibility,
  known?: TensorId,
): { readonly q: TensorId; readonly key: TensorId; readonly value: TensorId } {
  const probabilitiesOf = (tile: Tile, own: ReturnType<typeof tensorsOf>): TensorId => {
    const mask = maskOf(k, tile, window, whole);
    const probabilities = attentionProbabilities(k, own.shape, own.q, own.key, mask, softcap);
    k.free(mask);
    return probabilities;
  };
  const parts = planTiles(shape.queries, window).map((tile) => {
    const own = tensorsOf(k, shape, tile, q, key, value);
    const probabilities = known === undefined ? probabilitiesOf(tile, own) : k.alias(known);
    const g = sliceQueries(k, shape, tile, gradient);
    const result = attendBackward(k, g, own.q, own.key, own.value, probabilities, softcap);
    k.free(own.q, own.key, own.value, probabilities, g);
    return {
      q: result.q,
      key: padKeys(k, shape, tile, result.key),
      value: padKeys(k, shape, tile, result.value),
    };
  });
  const sum = (part: 'key' | 'value'): TensorId => k.addAll(parts.map((own) => k.take(own[part])));
  return {
    q: joinQueries(
      k,
      shape,
      parts.map((own) => own.q),
    ),
    key: sum('key'),
    value: sum('value'),
  };
}

/** A handle of the caller's. */
function maskOf(
  k: Kernels,
  { from, to, keysFrom }: Tile,
  window: number | undefined,
  whole: TensorId | undefined,
): TensorId {
  return whole === undefined ? causalMask(k, to - from, to - keysFrom, from - keysFrom, window) : k.alias(whole);
}

function tensorsOf(k: Kernels, shape: AttentionShape, tile: Tile, q: TensorId, key: TensorId, value: TensorId) {
  const begin = [0, 0, tile.keysFrom, 0];
  const size = [-1, -1, tile.to - tile.keysFrom, -1];
  return {
    shape: { ...shape, queries: tile.to - tile.from, keys: tile.to - tile.keysFrom },
    q: sliceQueries(k, shape, tile, q),
    key: k.slice(key, begin, size),
    value: k.slice(value, begin, size),
  };
}

/** The queries of a tile, of every head. @param q [count, kvHeads, shared · length, headDim] */
function sliceQueries(k: Kernels, shape: AttentionShape, { from, to }: Tile, q: TensorId): TensorId {
  const { count, queries, heads, kvHeads, headDim } = shape;
  const apart = k.reshape(q, [count * kvHeads, heads / kvHeads, queries, headDim]);
  const part = k.slice(k.take(apart), [0, 0, from, 0], [-1, -1, to - from, -1]);
  return k.reshape(k.take(part), [count, kvHeads, -1, headDim]);
}

/** The inverse of {@link sliceQueries} for all tiles. @param parts consumed */
function joinQueries(k: Kernels, shape: AttentionShape, parts: readonly TensorId[]): TensorId {
  const { count, heads, kvHeads, headDim } = shape;
  const apart = parts.map((part) => k.reshape(k.take(part), [count * kvHeads, heads / kvHeads, -1, headDim]));
  const joined = k.concat(apart, 2);
  k.free(...apart);
  return k.reshape(k.take(joined), [count, kvHeads, -1, headDim]);
}

/** Zeros before and after the keys of a tile. @param part [count, kvHeads, keys, headDim], consumed */
function padKeys(k: Kernels, shape: AttentionShape, { keysFrom, to }: Tile, part: TensorId): TensorId {
  const zeros = (keys: number): TensorId[] =>
    keys === 0 ? [] : [k.fill([shape.count, shape.kvHeads, keys, shape.headDim], 0)];
  const pieces = [...zeros(keysFrom), part, ...zeros(shape.keys - to)];
  const padded = k.concat(pieces, 2);
  k.free(...pieces);
  return padded;
}
