import { evaluationBatches, type BatchOptions, type MicroBatch } from './batches.ts';

/**
 * The micro-batch of a run that needs the most memory, whatever the order in which an epoch draws its examples: the
 * longest examples together; with packing, rows filled with the longest first.
 */
export function longestBatch(
  lengths: readonly number[],
  { batchSize, packing, sequenceLength }: Pick<BatchOptions, 'batchSize' | 'packing' | 'sequenceLength'>,
): MicroBatch {
  const order = lengths.map((_, example) => example).sort((a, b) => (lengths[b] ?? 0) - (lengths[a] ?? 0) || a - b);
  return packing ? fullestRows(order, lengths, batchSize, sequenceLength) : order.slice(0, batchSize);
}

/** @param order examples, the longest first */
function fullestRows(order: readonly number[], lengths: readonly number[], rows: number, capacity: number): number[] {
  const shortest = lengths[order.at(-1) ?? 0] ?? 0;
  const chosen: number[] = [];
  let left = order;
  for (let row = 0; row < rows && left.length > 0; row += 1) {
    let room = capacity;
    const rest: number[] = [];
    for (const [i, example] of left.entries()) {
      const length = Math.min(lengths[example] ?? 0, capacity);
      if (length > room) rest.push(example);
      else {
        chosen.push(example);
        room -= length;
      }
      if (room >= shortest) continue;
      left = rest.concat(left.slice(i + 1));
      break;
    }
    if (room >= shortest) left = rest;
  }
  return chosen;
}

/** The batch of an evaluation with the most tokens. */
export function longestEvaluationBatch(lengths: readonly number[], batchSize: number, maxTokens: number): MicroBatch {
  const tokensOf = (batch: MicroBatch): number => batch.reduce((sum, example) => sum + (lengths[example] ?? 0), 0);
  let longest: MicroBatch = [];
  let most = -1;
  for (const batch of evaluationBatches(lengths, batchSize, maxTokens)) {
    const tokens = tokensOf(batch);
    if (tokens <= most) continue;
    longest = batch;
    most = tokens;
  }
  return longest;
}
