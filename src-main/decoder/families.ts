/** Where the tokens of a batch's sequences have their rows. */
import { at } from '../util/at.ts';
import type { Family } from './batch.ts';

export interface SequenceRows {
  /** Index of its family. */
  readonly family: number;
  /** Among its family, from 0. */
  readonly nth: number;
  /** Tokens that the family shares. */
  readonly shared: number;
  /** First row of these. */
  readonly sharedStart: number;
  /** First row of its other tokens. */
  readonly ownStart: number;
}

/** The row of a sequence's token t. */
export function rowOf({ shared, sharedStart, ownStart }: SequenceRows, t: number): number {
  return t < shared ? sharedStart + t : ownStart + t - shared;
}

/** Rows lie family by family, the shared ones before those of each sequence. @param lengths shared tokens included */
export function sequenceRows(lengths: readonly number[], families: readonly Family[]): SequenceRows[] {
  const sequences: SequenceRows[] = [];
  let rows = 0;
  for (const [family, { sequences: count, shared }] of families.entries()) {
    const sharedStart = rows;
    rows += shared;
    for (let nth = 0; nth < count; nth++) {
      const length = at(lengths, sequences.length);
      sequences.push({ family, nth, shared, sharedStart, ownStart: rows });
      rows += length - shared;
    }
  }
  return sequences;
}

/** Rows in all. Parameters as for {@link sequenceRows}. */
export function rowCount(lengths: readonly number[], families: readonly Family[]): number {
  const twice = families.reduce((sum, { sequences, shared }) => sum + (sequences - 1) * shared, 0);
  return lengths.reduce((sum, length) => sum + length, 0) - twice;
}

/** Whether every sequence is in one family, and has tokens besides those that it shares. */
export function areFamilies(lengths: readonly number[], families: readonly Family[]): boolean {
  let next = 0;
  const longer = families.every(({ sequences, shared }) => {
    const own = lengths.slice(next, (next += sequences));
    return own.length === sequences && own.every((length) => length > shared);
  });
  return longer && next === lengths.length;
}

/** A family for all sequences, which share nothing. */
export function unrelated({ length }: readonly number[]): readonly Family[] {
  return [{ sequences: length, shared: 0 }];
}
