/**
 * A picture as a list of shapes, drawn on screen by Drawing.svelte and written as an SVG file by `drawingToSvg`, so that
 * both are the same. Pure.
 */
import type { ChartColours } from './chartColours.ts';

/** What a colour is for; a number is a distinct line, a text a colour of its own (of a ramp). */
export type Ink = 'text' | 'weak' | 'line' | 'strong' | 'accent' | 'surface' | number | `rgb${string}`;

interface Painted {
  readonly fill?: Ink;
  readonly stroke?: Ink;
  readonly width?: number;
  readonly dash?: string;
  readonly opacity?: number;
}
export type Shape =
  | (Painted & {
      readonly kind: 'rect';
      readonly x: number;
      readonly y: number;
      readonly w: number;
      readonly h: number;
    })
  | (Painted & { readonly kind: 'circle'; readonly x: number; readonly y: number; readonly r: number })
  | (Painted & { readonly kind: 'path'; readonly d: string })
  | {
      readonly kind: 'text';
      readonly x: number;
      readonly y: number;
      readonly text: string;
      readonly anchor?: 'start' | 'middle' | 'end';
      readonly fill?: Ink;
      readonly bold?: boolean;
      /** Lines pass under it without striking it out. */
      readonly halo?: boolean;
      /** Reads from the bottom up, for the name of a vertical axis. */
      readonly upwards?: boolean;
    };

export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly shapes: readonly Shape[];
}

export const textSize = 11;
const family = 'system-ui, sans-serif';

export function inkColour(ink: Ink | undefined, colours: ChartColours): string {
  if (ink === undefined) return 'none';
  if (typeof ink === 'number') return colours.series[ink % colours.series.length] ?? colours.text;
  switch (ink) {
    case 'text':
      return colours.text;
    case 'weak':
      return colours.weakText;
    case 'line':
      return colours.line;
    case 'strong':
      return colours.strongLine;
    case 'accent':
      return colours.accent;
    case 'surface':
      return colours.surface;
    default:
      return ink;
  }
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** A whole SVG file: opaque ground, the title above the picture. */
export function drawingToSvg(drawing: Drawing, title: string, colours: ChartColours): string {
  const margin = 16;
  const head = 28;
  const width = drawing.width + 2 * margin;
  const height = drawing.height + 2 * margin + head;
  const shapes = drawing.shapes.map((shape) => shapeToSvg(shape, colours)).join('\n');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${family}" font-size="${textSize}">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="${colours.surface}"/>`,
    `<text x="${margin}" y="${margin + 14}" font-size="14" font-weight="600" fill="${colours.text}">${escaped(title)}</text>`,
    `<g transform="translate(${margin} ${margin + head})">`,
    shapes,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

/** Paints the shapes on a canvas, for pictures with more lines than a page should have elements. */
export function paintDrawing(context: CanvasRenderingContext2D, { shapes }: Drawing, colours: ChartColours): void {
  for (const shape of shapes) {
    if (shape.kind === 'text') {
      context.font = `${shape.bold === true ? '600 ' : ''}${textSize}px ${family}`;
      context.textAlign = shape.anchor === 'middle' ? 'center' : (shape.anchor ?? 'start');
      context.fillStyle = inkColour(shape.fill ?? 'text', colours);
      context.save();
      context.translate(shape.x, shape.y);
      if (shape.upwards === true) context.rotate(-Math.PI / 2);
      if (shape.halo === true) {
        context.strokeStyle = colours.surface;
        context.lineWidth = 4;
        context.strokeText(shape.text, 0, 0);
      }
      context.fillText(shape.text, 0, 0);
      context.restore();
      continue;
    }
    const path = pathOf(shape);
    context.globalAlpha = shape.opacity ?? 1;
    if (shape.fill !== undefined) {
      context.fillStyle = inkColour(shape.fill, colours);
      context.fill(path);
    }
    if (shape.stroke !== undefined) {
      context.strokeStyle = inkColour(shape.stroke, colours);
      context.lineWidth = shape.width ?? 1;
      context.setLineDash(shape.dash?.split(/[ ,]+/).map(Number) ?? []);
      context.stroke(path);
    }
    context.globalAlpha = 1;
  }
}

function pathOf(shape: Exclude<Shape, { readonly kind: 'text' }>): Path2D {
  if (shape.kind === 'path') return new Path2D(shape.d);
  const path = new Path2D();
  if (shape.kind === 'rect') path.rect(shape.x, shape.y, shape.w, shape.h);
  else path.arc(shape.x, shape.y, shape.r, 0, 2 * Math.PI);
  return path;
}

function shapeToSvg(shape: Shape, colours: ChartColours): string {
  if (shape.kind === 'text') {
    const { x, y, text, anchor = 'start', fill = 'text', bold = false, upwards = false, halo = false } = shape;
    const turn = upwards ? ` transform="rotate(-90 ${x} ${y})"` : '';
    const weight = bold ? ' font-weight="600"' : '';
    const around = halo ? ` stroke="${colours.surface}" stroke-width="4" paint-order="stroke"` : '';
    return `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="${inkColour(fill, colours)}"${around}${weight}${turn}>${escaped(text)}</text>`;
  }
  const { fill, stroke, width = 1, dash, opacity = 1 } = shape;
  const paint = [
    `fill="${inkColour(fill, colours)}"`,
    stroke === undefined ? '' : `stroke="${inkColour(stroke, colours)}" stroke-width="${width}"`,
    dash === undefined ? '' : `stroke-dasharray="${dash}"`,
    opacity === 1 ? '' : `opacity="${opacity}"`,
  ]
    .filter((part) => part !== '')
    .join(' ');
  switch (shape.kind) {
    case 'rect':
      return `<rect x="${shape.x}" y="${shape.y}" width="${shape.w}" height="${shape.h}" ${paint}/>`;
    case 'circle':
      return `<circle cx="${shape.x}" cy="${shape.y}" r="${shape.r}" ${paint}/>`;
    case 'path':
      return `<path d="${shape.d}" ${paint}/>`;
  }
}
