/** fig1: a weight matrix and the adapter beside it, every side to one scale. Pure but for the words. */
import type { OverviewResult } from '../../../src-main/contract/studies.ts';
import type { Ramp } from '../../charts/colourRamp.ts';
import type { Drawing, Ink, Shape } from '../../charts/drawing.ts';
import { t } from '../../text/text.svelte.ts';

const gap = 28;
const captionHeight = 22;
const padding = 4;

/** Room for the boxes W0 + B λ A, and the pixels that one row or column of a matrix takes in it. */
function scaleFor([rows, columns]: readonly [number, number], k: number, width: number, height: number): number {
  const across = (width - 3 * gap - 2 * padding) / (2 * columns + 2 * k);
  return Math.max(0, Math.min(across, (height - captionHeight - 2 * padding) / Math.max(rows, k)));
}

export function overviewDrawing(
  { matrix }: Pick<OverviewResult, 'matrix'>,
  ramp: Ramp,
  width: number,
  height: number,
): Drawing {
  const [rows, columns] = matrix.shape;
  const k = matrix.rank;
  const scale = scaleFor(matrix.shape, k, width, height);
  // A strip of one row must still be seen.
  const side = (length: number): number => Math.max(1, length * scale);
  const top = captionHeight + padding;
  const boxes = [
    { name: t('study.overview.w0', { rows, columns }), w: side(columns), h: side(rows), fill: undefined },
    { name: t('study.overview.b', { rows, k }), w: side(k), h: side(rows), fill: 0 },
    { name: t('study.overview.lambda', { k }), w: side(k), h: side(k), fill: 1 },
    { name: t('study.overview.a', { k, columns }), w: side(columns), h: side(k), fill: 2 },
  ] as const;
  const shapes: Shape[] = [];
  let x = padding;
  boxes.forEach(({ name, w, h, fill }, i) => {
    if (fill === undefined) shapes.push(...imageShapes(matrix.image, ramp, x, top, w, h));
    else shapes.push({ kind: 'rect', x, y: top, w, h, fill });
    shapes.push({ kind: 'rect', x, y: top, w, h, stroke: 'strong' });
    // Captions of thin boxes would run into each other: they step down beside their box.
    const thin = i === 1 || i === 2;
    shapes.push({
      kind: 'text',
      x: thin ? x + w + 4 : x,
      y: thin ? top + h + (i === 1 ? -4 : 14) : top - 8,
      text: name,
    });
    if (i === 0)
      shapes.push({ kind: 'text', x: x + w + gap / 2, y: top + 14, text: '+', anchor: 'middle', bold: true });
    x += w + gap;
  });
  return { width, height, shapes };
}

function imageShapes(
  { rows, columns, values, largest }: OverviewResult['matrix']['image'],
  ramp: Ramp,
  x: number,
  y: number,
  w: number,
  h: number,
): Shape[] {
  const cell = { w: w / columns, h: h / rows };
  return values.map((value, i): Shape => {
    const colour = ramp.css(largest > 0 ? (value / largest + 1) / 2 : 0.5) as Ink;
    const place = { x: x + (i % columns) * cell.w, y: y + Math.floor(i / columns) * cell.h };
    // A hair of overlap, so that no seams show between cells.
    return { kind: 'rect', ...place, w: cell.w + 0.5, h: cell.h + 0.5, fill: colour };
  });
}
