import type { TokenisedExample } from './tokenise.ts';

/**
 * Cuts a row that is longer than the sequence length into stretches of it. Each stretch begins with the last token of
 * the one before, since the first token of a sequence is never predicted: so every token of the row is learnt exactly
 * once. A row that fits is left as it is.
 */
export function stretchesOf(row: TokenisedExample, sequenceLength: number): readonly TokenisedExample[] {
  const { ids, loss } = row;
  if (ids.length <= sequenceLength || sequenceLength < 2) return [row];
  const stretches: TokenisedExample[] = [];
  for (let from = 0; from < ids.length - 1; from += sequenceLength - 1) {
    const own = loss.slice(from, from + sequenceLength);
    own[0] = 0;
    stretches.push({ row: row.row, ids: ids.slice(from, from + sequenceLength), loss: own, truncated: 0 });
  }
  return stretches;
}
