/** A heat map as shapes, for an SVG file. Pure. */
import { textSize, type Drawing, type Ink, type Shape } from './drawing.ts';
import type { HeatmapScene } from './heatmapPainter.ts';

const labelWidth = 34;
const headHeight = 22;
const cell = { w: 44, h: 18 } as const;

export function heatmapDrawing({
  grid,
  values,
  scale,
  ramp,
  write,
}: Pick<HeatmapScene, 'grid' | 'values' | 'scale' | 'ramp' | 'write'>): Drawing {
  const left = (x: number): number => labelWidth + x * cell.w;
  const shapes: Shape[] = [
    ...grid.columns.map(({ label, x }): Shape => ({
      kind: 'text',
      x: left(x),
      y: headHeight - 8,
      text: label,
      anchor: 'middle',
      fill: 'weak',
    })),
    ...grid.layers.map((layer, row): Shape => ({
      kind: 'text',
      x: labelWidth - 6,
      y: headHeight + row * cell.h + cell.h / 2 + textSize / 3,
      text: String(layer),
      anchor: 'end',
      fill: 'weak',
    })),
  ];
  grid.places.forEach(([row, column], i) => {
    const value = values[i] ?? NaN;
    const x = grid.columns[column]?.x;
    if (x === undefined || !Number.isFinite(value)) return;
    const at = scale.position(value);
    const top = headHeight + row * cell.h;
    shapes.push(
      { kind: 'rect', x: left(x - 0.5), y: top, w: cell.w - 1, h: cell.h - 1, fill: ramp.css(at) as Ink },
      {
        kind: 'text',
        x: left(x),
        y: top + cell.h / 2 + textSize / 3,
        text: write(value),
        anchor: 'middle',
        fill: ramp.textOn(at) as Ink,
      },
    );
  });
  return { width: labelWidth + grid.width * cell.w, height: headHeight + grid.layers.length * cell.h, shapes };
}
