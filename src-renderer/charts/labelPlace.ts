/** Where a label at a point covers nothing. Pure. */

export interface Place {
  /** From the point to the middle of the label, in px. */
  readonly dx: number;
  readonly dy: number;
}
interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}
export type Polyline = readonly (readonly [x: number, y: number])[];

/** Px between the point and the edge of its label. */
const gap = 10;

/**
 * The place beside a point where its label crosses the fewest stretches of the curves: above or below it first, then
 * further away. The label stays inside the area.
 */
export function freePlace(
  [x, y]: readonly [number, number],
  size: { readonly width: number; readonly height: number },
  area: Box,
  curves: readonly Polyline[],
): Place {
  const half = size.width / 2;
  const inside = Math.min(Math.max(x, area.left + half), area.right - half);
  const reach = gap + size.height / 2;
  let best: Place = { dx: inside - x, dy: -reach };
  let fewest = Infinity;
  for (const distance of [1, 2, 3, 5, 8]) {
    for (const direction of [-1, 1]) {
      const dy = direction * (reach + (distance - 1) * size.height);
      const box = {
        left: inside - half,
        right: inside + half,
        top: y + dy - size.height / 2,
        bottom: y + dy + size.height / 2,
      };
      if (box.top < area.top || box.bottom > area.bottom) continue;
      const crossed = curves.reduce((sum, curve) => sum + crossings(curve, box), 0);
      if (crossed >= fewest) continue;
      fewest = crossed;
      best = { dx: inside - x, dy };
    }
  }
  return best;
}

/** Stretches of a curve that have a part inside the box. */
function crossings(curve: Polyline, box: Box): number {
  let count = 0;
  for (let i = 1; i < curve.length; i++) {
    const [from, to] = [curve[i - 1], curve[i]];
    if (from && to && crosses(from, to, box)) count += 1;
  }
  return count;
}

/** Clips the stretch to the box (Liang and Barsky 1984); it crosses when something is left. */
function crosses([x0, y0]: Polyline[number], [x1, y1]: Polyline[number], box: Box): boolean {
  let enters = 0;
  let leaves = 1;
  for (const [direction, distance] of [
    [x0 - x1, x0 - box.left],
    [x1 - x0, box.right - x0],
    [y0 - y1, y0 - box.top],
    [y1 - y0, box.bottom - y0],
  ] as const) {
    if (direction === 0) {
      if (distance < 0) return false;
    } else if (direction < 0) enters = Math.max(enters, distance / direction);
    else leaves = Math.min(leaves, distance / direction);
  }
  return enters <= leaves;
}
