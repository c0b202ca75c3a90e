/** Histograms of ranks. Pure. */

export interface Histogram {
  /** Edges of the bins, ascending, one more than there are counts; a bin holds lower ≤ v < upper, the last also its end. */
  readonly edges: readonly number[];
  readonly counts: readonly number[];
  readonly largest: number;
}

/** Edges that grow by a constant factor, from 1 to at least `maximum`, whole numbers, none twice. */
export function logarithmicEdges(maximum: number, bins: number): number[] {
  const end = Math.max(2, Math.ceil(maximum) + 1);
  const edges: number[] = [];
  for (let i = 0; i <= bins; i++) {
    const edge = Math.round(end ** (i / bins));
    if (edges.length === 0 || edge > (edges[edges.length - 1] ?? 0)) edges.push(edge);
  }
  return edges;
}

export function histogram(values: Iterable<number>, edges: readonly number[]): Histogram {
  const counts = new Array<number>(Math.max(0, edges.length - 1)).fill(0);
  const end = edges[edges.length - 1] ?? 0;
  for (const v of values) {
    if (!(v >= (edges[0] ?? 0)) || v > end) continue;
    let low = 0;
    let high = counts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((edges[middle] ?? 0) <= v) low = middle;
      else high = middle - 1;
    }
    counts[low] = (counts[low] ?? 0) + 1;
  }
  return { edges, counts, largest: Math.max(0, ...counts) };
}
