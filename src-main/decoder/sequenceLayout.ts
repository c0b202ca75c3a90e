import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import { at } from '../util/at.ts';

/** Sequences that attention handles as one tensor [count, length, …], shorter ones padded at their end. */
export interface SequenceGroup {
  readonly count: number;
  readonly length: number;
  /** int32 [count · length]: the batch's row at each place (padding repeats a row); absent where it is 0, 1, 2, … */
  readonly rows: TensorId | undefined;
  /** [count · length, 1, 1]: 1 at the places that rows of the batch are taken from, 0 at others; absent without these. */
  readonly filled: TensorId | undefined;
}

export interface SequenceLayout {
  readonly groups: readonly SequenceGroup[];
  /** int32 [N]: where each row of the batch is in the groups laid end to end; absent where it is 0, 1, 2, … */
  readonly places: TensorId | undefined;
  /** Absent where every row is at one place. */
  readonly shared: SharedRows | undefined;
}

/** The batch's first rows, which begin every sequence. */
interface SharedRows {
  readonly sequences: number;
  readonly length: number;
  /** int32 [sequences · length]: all places of theirs, sequence by sequence. */
  readonly places: TensorId;
  /** int32 [N − length]: places of the other rows. */
  readonly otherPlaces: TensorId;
}

/** Scores that padding may waste before another group is cheaper: a group costs some thirty ops each way. */
const affordableWaste = 2 ** 18;

/**
 * Which sequences attention handles together: those of like length, longest first, as long as the scores wasted on
 * padding cost less than another group's ops.
 * @param lengths of each sequence
 * @param heads query heads
 * @returns indexes of the sequences of each group
 */
export function planGroups(lengths: readonly number[], heads: number): number[][] {
  const order = lengths.map((_, i) => i).sort((a, b) => at(lengths, b) - at(lengths, a) || a - b);
  const groups: number[][] = [];
  let longest = 0;
  let waste = Infinity;
  for (const sequence of order) {
    const length = at(lengths, sequence);
    waste += heads * (longest ** 2 - length ** 2);
    if (waste > affordableWaste) {
      groups.push([]);
      longest = length;
      waste = 0;
    }
    groups.at(-1)?.push(sequence);
  }
  return groups.map((group) => group.sort((a, b) => a - b));
}

/** The tensors for a plan; freed with {@link freeLayout}. @param sharedPrefix see {@link TokenBatch} */
export function createLayout(
  k: Kernels,
  lengths: readonly number[],
  plan: readonly (readonly number[])[],
  sharedPrefix = 0,
): SequenceLayout {
  // Where the first token of each sequence would be, were its shared ones there.
  const starts: number[] = [];
  let total = sharedPrefix;
  for (const length of lengths) {
    starts.push(total - sharedPrefix);
    total += length - sharedPrefix;
  }
  const places = new Int32Array(total);
  const sharedPlaces = new Int32Array(lengths.length * sharedPrefix);
  let offset = 0;
  const groups = plan.map((sequences) => {
    const length = Math.max(...sequences.map((sequence) => at(lengths, sequence)));
    const size = sequences.length * length;
    const rows = new Int32Array(size);
    const filled = new Float32Array(size);
    sequences.forEach((sequence, i) => {
      const own = at(lengths, sequence);
      const start = at(starts, sequence);
      for (let t = 0; t < length; t++) {
        const place = i * length + t;
        const isShared = t < sharedPrefix;
        rows[place] = isShared ? t : start + Math.min(t, own - 1);
        if (isShared) sharedPlaces[sequence * sharedPrefix + t] = offset + place;
        if (t >= own || (isShared && sequence > 0)) continue;
        filled[place] = 1;
        places[start + t] = offset + place;
      }
    });
    offset += size;
    return {
      count: sequences.length,
      length,
      rows: isIdentity(rows, total) ? undefined : k.uploadInts(rows),
      filled: filled.includes(0) ? k.upload(filled, [size, 1, 1]) : undefined,
    };
  });
  if (sharedPrefix === 0) {
    return { groups, places: isIdentity(places, offset) ? undefined : k.uploadInts(places), shared: undefined };
  }
  const shared = {
    sequences: lengths.length,
    length: sharedPrefix,
    places: k.uploadInts(sharedPlaces),
    otherPlaces: k.uploadInts(places.slice(sharedPrefix)),
  };
  return { groups, places: k.uploadInts(places), shared };
}

export function freeLayout(k: Kernels, { groups, places, shared }: SequenceLayout): void {
  for (const { rows, filled } of groups) k.freeSaved([rows, filled]);
  k.freeSaved([places, shared?.places, shared?.otherPlaces]);
}

/** Whether picking these indexes gives all of `size` rows as they are. */
function isIdentity(indexes: Int32Array, size: number): boolean {
  return indexes.length === size && indexes.every((value, i) => value === i);
}

/** How the heads of rows lie in attention: `shared` query heads of one key-value head come one after the other. */
export interface HeadShape {
  readonly heads: number;
  readonly headDim: number;
  /** Heads that are handled as more tokens of one; 1 for keys and values. */
  readonly shared: number;
}

/**
 * The heads of a group.
 * @param rows [N, heads, headDim]
 * @param padding `any`: values that nobody sees; `zero`: for gradients
 * @returns [count, heads / shared, shared · length, headDim]
 */
export function toHeads(
  k: Kernels,
  rows: TensorId,
  group: SequenceGroup,
  { heads, headDim, shared }: HeadShape,
  padding: 'any' | 'zero' = 'any',
): TensorId {
  const folded = [group.count, heads / shared, shared * group.length, headDim];
  if (group.length === 1 && group.rows === undefined) return k.reshape(rows, folded);
  const own = group.rows === undefined ? k.alias(rows) : k.gather(rows, group.rows);
  const clean = padding === 'any' || group.filled === undefined ? own : k.mul(k.take(own), group.filled);
  const apart = k.reshape(k.take(clean), [group.count, group.length, heads, headDim]);
  const turned = k.transpose(k.take(apart), [0, 2, 1, 3]);
  return shared === 1 ? turned : k.reshape(k.take(turned), folded);
}

/**
 * Puts the groups' heads back into rows.
 * @param parts as {@link toHeads} gives them, of each group; consumed
 * @param repeats what becomes of rows that are at several places: `first` takes the first sequence's, `sum` is for gradients
 * @param rowShape of the result, its first dimension being the rows
 * @returns [N, heads, headDim] unless another shape is asked for
 */
export function toRows(
  k: Kernels,
  parts: readonly TensorId[],
  layout: SequenceLayout,
  { heads, headDim, shared }: HeadShape,
  repeats: 'first' | 'sum' = 'first',
  rowShape: readonly number[] = [-1, heads, headDim],
): TensorId {
  const rows = parts.map((part, i) => {
    const { count, length } = at(layout.groups, i);
    if (length === 1) return k.reshape(k.take(part), rowShape);
    const apart = shared === 1 ? part : k.reshape(k.take(part), [count, heads, length, headDim]);
    const turned = k.transpose(k.take(apart), [0, 2, 1, 3]);
    return k.reshape(k.take(turned), rowShape);
  });
  const [only] = rows;
  if (only !== undefined && rows.length === 1 && layout.places === undefined) return only;
  const joined = k.concat(rows, 0);
  k.free(...rows);
  if (repeats === 'sum' && layout.shared !== undefined) return withSums(k, joined, layout.shared, rowShape);
  return layout.places === undefined ? joined : k.gather(k.take(joined), layout.places);
}

/**
 * The rows of the batch, the shared ones added up in the order of the sequences, which {@link Kernels.sumRows} does not
 * promise on a GPU.
 * @param joined the groups' rows laid end to end; consumed
 */
function withSums(k: Kernels, joined: TensorId, shared: SharedRows, [, ...width]: readonly number[]): TensorId {
  const all = k.gather(joined, shared.places);
  const bySequence = k.reshape(k.take(all), [shared.sequences, shared.length, ...width]);
  const sums = k.sum(k.take(bySequence), [0]);
  const others = k.gather(k.take(joined), shared.otherPlaces);
  return k.concat([k.take(sums), k.take(others)], 0);
}
