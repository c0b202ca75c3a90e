import type { LengthStatistics } from '../../../src-main/contract/data.ts';

export interface Bar {
  readonly edge: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Rows of this bin are longer than the sequence length. */
  readonly cut: boolean;
}

/** Bars of the histogram and where the sequence length lies; undefined when it is beyond the longest row. */
export function barsOf(
  { edges, counts }: Pick<LengthStatistics, 'edges' | 'counts'>,
  sequenceLength: number,
  size: { readonly width: number; readonly height: number },
): { readonly list: readonly Bar[]; readonly limitX: number | undefined } {
  const last = edges[edges.length - 1] ?? 0;
  const highest = Math.max(1, ...counts);
  const list = edges.map((edge, i) => {
    const before = edges[i - 1] ?? 0;
    const count = counts[i] ?? 0;
    // A bin with rows is never invisible.
    const height = count === 0 ? 0 : Math.max(1.5, (count / highest) * (size.height - 2));
    const x = (before / last) * size.width;
    return {
      edge,
      x,
      y: size.height - height,
      width: Math.max(1, ((edge - before) / last) * size.width - 1),
      height,
      cut: before >= sequenceLength,
    };
  });
  return { list, limitX: sequenceLength < last ? (sequenceLength / last) * size.width : undefined };
}
