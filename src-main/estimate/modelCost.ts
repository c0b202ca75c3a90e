import { tileQueries } from '../decoder/tiledAttention.ts';
import { linearsOf } from '../models/families/family.ts';
import type { ArchSpec } from '../models/types.ts';

/** What memory and arithmetic of a pass depend on, besides the batch. Counts of float32 values or of multiply-adds. */
export interface ModelCost {
  readonly layers: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly vocabularySize: number;
  readonly heads: number;
  /** heads · headDim and kvHeads · headDim */
  readonly queryWidth: number;
  readonly keyWidth: number;
  /** Values that the norms over the heads of q and k keep, a token and layer; 0 without such norms. */
  readonly headNormWidth: number;
  /** Multiply-adds of all linear maps of all layers, a token. */
  readonly linear: number;
}

export function modelCost(arch: ArchSpec): ModelCost {
  const queryWidth = arch.heads * arch.headDim;
  const keyWidth = arch.kvHeads * arch.headDim;
  const first = arch.layers[0]?.attention;
  return {
    layers: arch.layers.length,
    hiddenSize: arch.hiddenSize,
    intermediateSize: arch.intermediateSize,
    vocabularySize: arch.vocabularySize,
    heads: arch.heads,
    queryWidth,
    keyWidth,
    headNormWidth: first?.qNorm === undefined ? 0 : queryWidth + keyWidth,
    linear: arch.layers.flatMap(linearsOf).reduce((sum, linear) => sum + linear.in * linear.out, 0),
  };
}

/** What counts of one batch or of a whole data set. */
export interface TokenCounts {
  readonly tokens: number;
  /** Of these, the ones that go through the layers: what all sequences of a batch begin with goes once. */
  readonly computed: number;
  /** Σ length² over the sequences: entries of the attention scores of one head. */
  readonly squares: number;
  /** Of these, entries that are there at once: long sequences go in tiles. */
  readonly scoresAtOnce: number;
  /** Tokens that carry loss; only for these is the product with the vocabulary taken. */
  readonly lossTokens: number;
}

export interface RowLength {
  readonly tokens: number;
  readonly lossTokens: number;
  /** Tokens at its beginning that the other rows begin with, too. */
  readonly shared: number;
}

/** Counts of sequences of these lengths. @param batches into which they fall; one for each row: nothing is shared */
export function tokenCounts(rows: readonly RowLength[], batches: number): TokenCounts {
  const counts = { tokens: 0, computed: 0, squares: 0, scoresAtOnce: 0, lossTokens: 0 };
  const repeated = Math.max(0, 1 - batches / rows.length);
  for (const { tokens, lossTokens, shared } of rows) {
    counts.tokens += tokens;
    counts.computed += tokens - repeated * shared;
    counts.squares += tokens ** 2;
    counts.scoresAtOnce += tokens * Math.min(tokens, tileQueries);
    counts.lossTokens += lossTokens;
  }
  return counts;
}
