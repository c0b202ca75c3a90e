import type { RowMatch, RowMatches } from '../contract/data.ts';
import type { IndexedDataset } from './indexedDataset.ts';

const shownBefore = 40;
const shownAfter = 120;

/**
 * The usable rows that hold a text in any column, upper and lower case alike.
 * @param most matches that are listed; all are counted
 * @throws AppError as readDataset
 */
export async function searchRows(
  dataset: IndexedDataset,
  text: string,
  most: number,
  signal: AbortSignal,
): Promise<RowMatches> {
  const wanted = new RegExp(text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'iu');
  const matches: RowMatch[] = [];
  let count = 0;
  let index = 0;
  for await (const { example, source } of dataset.allRows(signal)) {
    const found = firstMatch(source.content.values, wanted);
    if (found !== undefined) {
      count += 1;
      if (matches.length < most) matches.push({ index, row: example.row, ...found });
    }
    index += 1;
  }
  return { matches, count, rows: index };
}

type Excerpt = Pick<RowMatch, 'excerpt' | 'from' | 'to'>;

/** Looks through every text of a value, however deep. */
function firstMatch(value: unknown, wanted: RegExp): Excerpt | undefined {
  if (typeof value === 'string') return matchIn(value, wanted);
  if (typeof value === 'number' || typeof value === 'boolean') return matchIn(String(value), wanted);
  if (typeof value !== 'object' || value === null) return undefined;
  for (const part of Object.values(value)) {
    const found = firstMatch(part, wanted);
    if (found !== undefined) return found;
  }
  return undefined;
}

function matchIn(text: string, wanted: RegExp): Excerpt | undefined {
  const match = wanted.exec(text);
  if (match === null) return undefined;
  const end = match.index + match[0].length;
  const before = oneLine(text.slice(Math.max(0, match.index - shownBefore), match.index));
  const found = oneLine(match[0]);
  const from = (match.index > shownBefore ? '…' : '') + before;
  return {
    excerpt: from + found + oneLine(text.slice(end, end + shownAfter)),
    from: from.length,
    to: from.length + found.length,
  };
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
