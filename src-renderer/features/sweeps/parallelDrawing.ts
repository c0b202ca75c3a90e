/** The lines of a sweep as shapes, for the screen and for files alike. Pure. */
import type { Ramp } from '../../charts/colourRamp.ts';
import type { Drawing, Shape } from '../../charts/drawing.ts';
import type { ParallelPicture } from './parallelLines.ts';

const top = 34;
const bottom = 18;
const side = 64;

/** @param width in px, like `height` */
export function parallelDrawing(picture: ParallelPicture, ramp: Ramp, width: number, height: number): Drawing {
  const count = picture.axes.length;
  const across = (i: number): number => round(count < 2 ? width / 2 : side + ((width - 2 * side) * i) / (count - 1));
  const upwards = (share: number): number => round(height - bottom - (height - top - bottom) * share);
  const lines = picture.lines.map(({ places, goodness, stopped }): Shape => ({
    ...{ kind: 'path', width: goodness === 1 ? 2.5 : 1.2, opacity: stopped ? 0.35 : 0.85 },
    d: `M${places.map((place, i) => `${across(i)},${upwards(place)}`).join('L')}`,
    stroke: ramp.css(0.15 + 0.85 * goodness) as `rgb${string}`,
  }));
  const axes = picture.axes.flatMap((axis, i): Shape[] => {
    const x = across(i);
    const last = i === count - 1;
    return [
      { kind: 'path', d: `M${x},${upwards(0)}V${upwards(1)}`, stroke: 'strong' },
      { kind: 'text', x, y: 14, text: axis.label, anchor: 'middle' },
      ...axis.ticks.map(({ at, text }): Shape => ({
        ...{ kind: 'text', y: upwards(at) + 4, text, fill: 'weak', halo: true },
        ...{ x: x + (last ? 6 : -6), anchor: last ? 'start' : 'end' },
      })),
    ];
  });
  return { width, height, shapes: [...lines, ...axes] };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
