import { commonPrefix } from '../util/commonPrefix.ts';
import { ignoredLabel, type LabelledBatch } from './batch.ts';

/** Share of a batch's tokens below which leaving them out is not worth the copies that it takes. */
const leastShare = 0.02;

/**
 * The same loss and gradients from fewer tokens, without dropout: what follows the last label of a sequence is left out, and
 * the tokens with which all sequences begin (a system prompt) are there once, as far as none of them carries loss. A causal
 * model finds the same activations for them in every sequence, and gradients add up.
 * @param mostShared bound on the shared tokens, e.g. those that other batches share too
 * @returns the batch itself where that would not pay
 */
export function withoutIdleTokens(batch: LabelledBatch, mostShared = Infinity): LabelledBatch {
  const sequences = learningSequences(batch);
  const [first] = sequences;
  if (first === undefined || batch.sharedPrefix !== undefined) return batch;
  const shared = sequences.length === 1 ? 0 : Math.min(mostShared, sharedBy(batch, sequences));
  const chosen = sequences.flatMap(({ start, length }) => {
    const skipped = start === first.start ? 0 : shared;
    return Array.from({ length: length - skipped }, (_, i) => start + skipped + i);
  });
  if (chosen.length > (1 - leastShare) * batch.tokens.length) return batch;
  const pick = (values: Int32Array): Int32Array => Int32Array.from(chosen, (index) => values[index] ?? 0);
  return {
    ...batch,
    tokens: pick(batch.tokens),
    positions: pick(batch.positions),
    labels: pick(batch.labels),
    lengths: sequences.map(({ length }) => length),
    ...(shared === 0 ? {} : { sharedPrefix: shared }),
  };
}

interface Sequence {
  readonly start: number;
  /** Up to the last label. */
  readonly length: number;
  /** Index of the first label within the sequence. */
  readonly firstLabel: number;
}

function learningSequences({ lengths, labels }: LabelledBatch): Sequence[] {
  const found: Sequence[] = [];
  let start = 0;
  for (const length of lengths) {
    const own = labels.subarray(start, start + length);
    const firstLabel = own.findIndex((label) => label !== ignoredLabel);
    if (firstLabel >= 0) {
      let end = length;
      while (own[end - 1] === ignoredLabel) end -= 1;
      found.push({ start, length: end, firstLabel });
    }
    start += length;
  }
  return found;
}

/** Tokens that all sequences begin with, at the same positions and before any label. */
function sharedBy({ tokens, positions }: LabelledBatch, sequences: readonly Sequence[]): number {
  const beginnings = (values: Int32Array) =>
    sequences.map(({ start, firstLabel }) => values.subarray(start, start + firstLabel));
  return Math.min(commonPrefix(beginnings(tokens)), commonPrefix(beginnings(positions)));
}
