export interface ListGeometry {
  readonly count: number;
  readonly rowHeight: number;
  /** Height of the window onto the list. */
  readonly height: number;
  readonly scrollTop: number;
}

export interface VisibleRange {
  /** First and last row to draw, inclusive; `to` < `from` when there is none. */
  readonly from: number;
  readonly to: number;
  /** Height of the scrolled element. */
  readonly totalHeight: number;
  /** Where a drawn row lies inside the scrolled element. */
  readonly offsetOf: (index: number) => number;
  /** The scroll position that brings a row into view; undefined when it is in view. */
  readonly scrollTo: (index: number) => number | undefined;
}

/** Browsers cannot lay out elements much taller than 33 million px; taller lists are scrolled in proportion. */
export const tallestElement = 15_000_000;
const extraRows = 4;

/** Which rows of a list of rows of one height are to be drawn, and where. */
export function visibleRange({ count, rowHeight, height, scrollTop }: ListGeometry): VisibleRange {
  const wanted = count * rowHeight;
  const totalHeight = Math.min(wanted, tallestElement);
  const scrollable = Math.max(1, totalHeight - height);
  const ratio = wanted <= totalHeight ? 1 : (wanted - height) / scrollable;
  const top = Math.max(0, scrollTop) * ratio;
  const from = Math.max(0, Math.min(count - 1, Math.floor(top / rowHeight)) - extraRows);
  const to = Math.min(count - 1, Math.ceil((top + height) / rowHeight) - 1 + extraRows);
  return {
    from,
    to,
    totalHeight,
    // Rows keep their distance to the window's top edge, which is at `scrollTop` in the element and at `top` in the list.
    offsetOf: (index) => index * rowHeight - top + Math.max(0, scrollTop),
    scrollTo: (index) => {
      const start = index * rowHeight;
      if (start < top) return start / ratio;
      if (start + rowHeight > top + height) return (start + rowHeight - height) / ratio;
      return undefined;
    },
  };
}
