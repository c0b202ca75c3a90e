import type { LayerSpec } from '../models/types.ts';
import type { Kernels } from '../tensor/kernels.ts';
import type { Saved } from '../tensor/saved.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import { at } from '../util/at.ts';
import { attend, type AttentionShape } from './attentionCore.ts';
import type { HeadRows } from './headRows.ts';
import { JoinedRows } from './joinedRows.ts';
import type { LinearGroup } from './linearGroup.ts';
import type { Norm } from './norm.ts';
import type { Pass } from './pass.ts';
import { attendTiled, attendTiledBackward, tileQueries, type Visibility } from './tiledAttention.ts';
import { toHeads, toRows, type HeadShape, type SequenceGroup } from './sequenceLayout.ts';

export interface AttentionSizes {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
}

export interface AttentionParts {
  /** q, k and v; or one map whose columns are q, k, v. */
  readonly projections: LinearGroup;
  readonly output: LinearGroup;
  readonly queryRows: HeadRows;
  readonly keyRows: HeadRows;
}

type GroupSaved = {
  readonly queries: TensorId;
  /** Absent where a store owns them; then there is no backward pass. */
  readonly keys: TensorId | undefined;
  readonly values: TensorId | undefined;
};

type AttentionSaved = {
  readonly projections: Saved;
  readonly query: ReturnType<HeadRows['forward']>['saved'];
  readonly key: ReturnType<HeadRows['forward']>['saved'];
  readonly groups: readonly GroupSaved[];
  /**
   * Heads mixed, [N, heads · headDim]: the input of the output map. Absent where no sequence is longer than a tile: then
   * it is cheap to make again beside the probabilities that the backward pass needs anyway.
   */
  readonly mixed: TensorId | undefined;
  readonly output: Saved;
};

/** Causal grouped-query attention (Vaswani et al. 2017; Ainslie et al. 2023), each sequence by itself. */
export class Attention {
  readonly #k: Kernels;
  readonly #layer: number;
  readonly #spec: Pick<LayerSpec['attention'], 'softcap' | 'window'>;
  readonly #sizes: AttentionSizes;
  readonly #parts: AttentionParts;
  readonly #joinedRows: JoinedRows | undefined;

  constructor(
    kernels: Kernels,
    layer: number,
    spec: Pick<LayerSpec['attention'], 'softcap' | 'window'>,
    sizes: AttentionSizes,
    parts: AttentionParts,
  ) {
    this.#k = kernels;
    this.#layer = layer;
    this.#spec = spec;
    this.#sizes = sizes;
    this.#parts = parts;
    this.#joinedRows = JoinedRows.for(kernels, parts.queryRows.spec, parts.keyRows.spec);
  }

  get groups(): readonly LinearGroup[] {
    return [this.#parts.projections, this.#parts.output];
  }

  get norms(): readonly Norm[] {
    const { queryRows, keyRows } = this.#parts;
    return [queryRows.norm, keyRows.norm].filter((norm) => norm !== undefined);
  }

  /** @param x [N, hiddenSize] */
  forward(x: TensorId, pass: Pass): { readonly y: TensorId; readonly saved: AttentionSaved } {
    const k = this.#k;
    const { projections, output } = this.#parts;
    const projected = projections.forward(x, pass);
    const { queries, keys, values } = this.#headsOf(projected.outputs, pass);
    const mixedHeads: TensorId[] = [];
    const groups = pass.layout.groups.map((group): GroupSaved => {
      const own = {
        queries: toHeads(k, queries.heads, group, this.#queryShape),
        keys: toHeads(k, keys.heads, group, this.#keyShape),
        values: toHeads(k, values, group, this.#keyShape),
      };
      if (pass.store === undefined) {
        const { output: heads, probabilities } = this.#attendOwn(own, group, pass);
        k.freeSaved(probabilities);
        mixedHeads.push(heads);
        return own;
      }
      const seen = pass.store.append(this.#layer, own.keys, own.values);
      const mask = pass.mask(group, this.#spec.window);
      mixedHeads.push(this.#attendSeen(this.#shape(group, pass), own.queries, seen, mask));
      return { queries: own.queries, keys: undefined, values: undefined };
    });
    k.free(queries.heads, keys.heads, values);
    const mixed = this.#mixedRows(mixedHeads, pass);
    const out = output.forward(mixed, pass);
    const isKept = pass.layout.groups.some((group) => group.length > tileQueries);
    if (!isKept) k.free(mixed);
    return {
      y: at(out.outputs, 0),
      saved: {
        projections: projected.saved,
        query: queries.saved,
        key: keys.saved,
        groups,
        mixed: isKept ? mixed : undefined,
        output: out.saved,
      },
    };
  }

  /** The gradient of x, or undefined when neither it nor those of q, k and v are needed. */
  backward(
    gradient: TensorId,
    x: TensorId,
    saved: AttentionSaved,
    pass: Pass,
    inputGradientNeeded: boolean,
  ): TensorId | undefined {
    const k = this.#k;
    const { heads, kvHeads, headDim } = this.#sizes;
    const { projections, output, queryRows, keyRows } = this.#parts;
    const insideNeeded = inputGradientNeeded || projections.trainable || this.norms.some((norm) => norm.trainable);
    const { mixed, probabilities } =
      saved.mixed === undefined
        ? this.#mixAgain(saved.groups, pass)
        : { mixed: k.alias(saved.mixed), probabilities: [] };
    const dMixed = output.backward(mixed, [gradient], saved.output, pass, insideNeeded);
    k.free(mixed);
    if (dMixed === undefined || !insideNeeded) {
      k.freeSaved(probabilities);
      return undefined;
    }
    const dHeads = k.reshape(k.take(dMixed), [-1, heads, headDim]);
    const gradients = pass.layout.groups.map((group, i) => {
      const own = at(saved.groups, i);
      const dOutput = toHeads(k, dHeads, group, this.#queryShape, 'zero');
      const result = this.#groupBackward(own, dOutput, group, pass, probabilities[i]);
      k.free(dOutput);
      return result;
    });
    k.free(dHeads);
    k.freeSaved(probabilities);
    const rowsOf = (part: 'q' | 'key' | 'value', shape: HeadShape, rowShape?: readonly number[]): TensorId =>
      toRows(
        k,
        gradients.map((own) => own[part]),
        pass.layout,
        shape,
        // Of a shared token one query alone was used.
        part === 'q' ? 'first' : 'sum',
        rowShape,
      );
    const dq = queryRows.backward(rowsOf('q', this.#queryShape), saved.query, pass);
    const dk = keyRows.backward(rowsOf('key', this.#keyShape), saved.key, pass);
    const dv = rowsOf('value', this.#keyShape, [-1, kvHeads * headDim]);
    const outputs = this.#together([dq, dk, dv]);
    const dx = projections.backward(x, outputs, saved.projections, pass, inputGradientNeeded);
    k.free(...outputs);
    return dx;
  }

  dispose(): void {
    const { projections, output, queryRows, keyRows } = this.#parts;
    for (const part of [projections, output, queryRows, keyRows]) part.dispose();
  }

  /** Of a decoding pass: queries of the new tokens, keys and values of all so far, which are consumed. */
  #attendSeen(
    shape: AttentionShape,
    queries: TensorId,
    { keys, values }: { readonly keys: TensorId; readonly values: TensorId },
    mask: TensorId | undefined,
  ): TensorId {
    const { output, probabilities } = attend(this.#k, shape, queries, keys, values, mask, this.#spec.softcap);
    this.#k.free(keys, values, probabilities);
    return output;
  }

  /** What the forward pass gave to the output map, and the probabilities of each group. */
  #mixAgain(groups: readonly GroupSaved[], pass: Pass) {
    const parts = pass.layout.groups.map((group, i) => this.#attendOwn(at(groups, i), group, pass));
    return {
      mixed: this.#mixedRows(
        parts.map(({ output }) => output),
        pass,
      ),
      probabilities: parts.map(({ probabilities }) => probabilities),
    };
  }

  /** @param heads of each group, consumed */
  #mixedRows(heads: readonly TensorId[], pass: Pass): TensorId {
    const width = this.#sizes.heads * this.#sizes.headDim;
    return toRows(this.#k, heads, pass.layout, this.#queryShape, 'first', [-1, width]);
  }

  #attendOwn(saved: GroupSaved, group: SequenceGroup, pass: Pass) {
    const { queries, keys, values } = ownHeads(saved);
    return attendTiled(this.#k, this.#shape(group, pass), queries, keys, values, this.#visibility(group, pass));
  }

  #groupBackward(saved: GroupSaved, gradient: TensorId, group: SequenceGroup, pass: Pass, known: TensorId | undefined) {
    const { queries, keys, values } = ownHeads(saved);
    const visibility = this.#visibility(group, pass);
    return attendTiledBackward(this.#k, this.#shape(group, pass), gradient, queries, keys, values, visibility, known);
  }

  #visibility(group: SequenceGroup, pass: Pass): Visibility {
    const { softcap, window } = this.#spec;
    return { softcap, window, whole: group.length <= tileQueries ? pass.mask(group, window) : undefined };
  }

  #shape(group: SequenceGroup, pass: Pass): AttentionShape {
    return { ...this.#sizes, count: group.count, queries: group.length, keys: pass.keyCount(group) };
  }

  /** Rows of heads [N, heads or kvHeads, …headDim], ready for attention; the outputs are consumed. */
  #headsOf(outputs: readonly TensorId[], pass: Pass) {
    const k = this.#k;
    const { queryRows, keyRows } = this.#parts;
    if (pass.store !== undefined && outputs.length === 1 && this.#joinedRows !== undefined) {
      const { q, key, value } = this.#joinedRows.apart(at(outputs, 0), pass);
      return { queries: { heads: q, saved: undefined }, keys: { heads: key, saved: undefined }, values: value };
    }
    const [q, key, value] = this.#apart(outputs);
    return {
      queries: queryRows.forward(q, pass),
      keys: keyRows.forward(key, pass),
      values: k.reshape(k.take(value), [-1, this.#sizes.kvHeads, this.#sizes.headDim]),
    };
  }

  /** q, k and v rows, new tensors; the outputs are consumed. */
  #apart(outputs: readonly TensorId[]): readonly [TensorId, TensorId, TensorId] {
    const parts = outputs.length === 1 ? this.#k.split(this.#k.take(at(outputs, 0)), this.#widths, 1) : outputs;
    return [at(parts, 0), at(parts, 1), at(parts, 2)];
  }

  /** The inverse of {@link #apart}. */
  #together(parts: readonly TensorId[]): readonly TensorId[] {
    if (this.#parts.projections.bases.length > 1) return parts;
    const joined = this.#k.concat(parts, 1);
    this.#k.free(...parts);
    return [joined];
  }

  get #queryShape(): HeadShape {
    const { heads, kvHeads, headDim } = this.#sizes;
    return { heads, headDim, shared: heads / kvHeads };
  }

  get #keyShape(): HeadShape {
    const { kvHeads, headDim } = this.#sizes;
    return { heads: kvHeads, headDim, shared: 1 };
  }

  get #widths(): readonly number[] {
    const { heads, kvHeads, headDim } = this.#sizes;
    return [heads * headDim, kvHeads * headDim, kvHeads * headDim];
  }
}

function ownHeads({ queries, keys, values }: GroupSaved) {
  if (keys === undefined || values === undefined) throw new TypeError('A decoding pass has no backward pass.');
  return { queries, keys, values };
}
