/** How changes of weights are written. Pure. */

/** A relative change in a cell: `1.3%`, `0.02%`. */
export function shortShare(share: number): string {
  const value = share * 100;
  if (value === 0) return '0';
  return `${value >= 9.95 ? value.toFixed(0) : value >= 0.095 ? value.toFixed(1) : value.toPrecision(1)}%`;
}

/** A relative change in a sentence: `1.32 %`. */
export function changeText(share: number): string {
  return Number.isFinite(share) ? `${Number((share * 100).toPrecision(3))} %` : '—';
}
