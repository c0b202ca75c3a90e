/** Thinning of long series for drawing. Pure. */

/** Series longer than this are thinned before they are drawn. */
const decimationLimit = 2000;

/**
 * Indices to draw so that no peak is lost: the first and last point, and of each of the buckets the smallest and the
 * largest value in their order. Values that are not finite are kept where they begin, as gaps.
 * @returns ascending indices, all of them when `length ≤ limit`, otherwise at most `limit`
 */
export function decimatedIndices(values: ArrayLike<number>, length: number, limit: number = decimationLimit): number[] {
  if (length <= limit) return Array.from({ length }, (_, i) => i);
  const buckets = Math.max(1, Math.floor((limit - 2) / 3));
  const kept: number[] = [0];
  const inner = length - 2;
  for (let b = 0; b < buckets; b++) {
    const from = 1 + Math.floor((b * inner) / buckets);
    const to = 1 + Math.floor(((b + 1) * inner) / buckets);
    let smallest = -1;
    let largest = -1;
    let gap = -1;
    for (let i = from; i < to; i++) {
      const v = values[i] ?? NaN;
      if (!Number.isFinite(v)) {
        if (gap < 0) gap = i;
        continue;
      }
      if (smallest < 0 || v < (values[smallest] ?? NaN)) smallest = i;
      if (largest < 0 || v > (values[largest] ?? NaN)) largest = i;
    }
    const picked = new Set([smallest, largest, gap].filter((i) => i >= 0));
    kept.push(...[...picked].sort((a, c) => a - c));
  }
  kept.push(length - 1);
  return kept;
}
