/** A line chart as shapes, for its SVG file: the same curves, range and scale as on screen, with a legend. Pure. */
import { axisOver, type Axis } from './axis.ts';
import { textSize, type Drawing, type Shape } from './drawing.ts';
import type { Flag } from './lineSpec.ts';

/** A curve as it is drawn: already smoothed, thinned and cut to the range. */
export interface DrawnLine {
  /** Empty for a curve that stands behind another of the same name. */
  readonly label: string;
  readonly colour: number;
  readonly points: readonly { readonly x: number; readonly y: number }[];
  readonly faint?: boolean;
  readonly marked?: boolean;
  readonly dash?: readonly number[] | undefined;
}

export interface LineDrawingOptions {
  readonly width: number;
  readonly height: number;
  readonly xLabel: string;
  readonly logY: boolean;
  readonly range: { readonly min: number; readonly max: number };
  readonly write: (value: number) => string;
  readonly flags: readonly Flag[];
}

const space = { left: 60, right: 14, top: 26, bottom: 40 } as const;

export function lineDrawing(lines: readonly DrawnLine[], options: LineDrawingOptions): Drawing {
  const { width, height, range, logY, write } = options;
  const [w, h] = [width - space.left - space.right, height - space.top - space.bottom];
  const drawable = lines.map((line) => ({
    ...line,
    points: line.points.filter(
      ({ x, y }) => x >= range.min && x <= range.max && Number.isFinite(y) && (!logY || y > 0),
    ),
  }));
  const values = drawable.flatMap((line) => line.points.map(({ y }) => y));
  const y = axisOver([...values, ...options.flags.filter((flag) => !logY || flag.y > 0).map((flag) => flag.y)], {
    log: logY,
    ticks: Math.max(2, Math.floor(h / 44)),
  });
  const span = Math.max(range.max - range.min, 1e-12);
  const left = (value: number): number => round(space.left + ((value - range.min) / span) * w);
  const top = (value: number): number => round(space.top + (1 - y.position(value)) * h);
  return {
    width,
    height,
    shapes: [
      ...axes(y, write, top, options, { w, h }, left),
      ...drawable.flatMap((line) => curve(line, left, top)),
      ...options.flags.flatMap((flag) => flagShapes(flag, left, top, w)),
      ...legend(lines),
    ],
  };
}

type Scale = (value: number) => number;

function axes(
  y: Axis,
  write: (value: number) => string,
  top: Scale,
  { range, xLabel }: LineDrawingOptions,
  { w, h }: { readonly w: number; readonly h: number },
  left: Scale,
): Shape[] {
  const x = axisOver([range.min, range.max], { ticks: Math.max(2, Math.floor(w / 80)) });
  return [
    ...y.ticks.flatMap((tick): Shape[] => [
      { kind: 'path', d: `M${space.left} ${top(tick)}h${w}`, stroke: 'line' },
      { kind: 'text', x: space.left - 6, y: top(tick) + 4, text: write(tick), anchor: 'end', fill: 'weak' },
    ]),
    { kind: 'path', d: `M${space.left} ${space.top + h}h${w}`, stroke: 'strong' },
    ...x.ticks
      .filter((tick) => tick >= range.min && tick <= range.max)
      .map((tick): Shape => {
        const below = space.top + h + 16;
        return { kind: 'text', x: left(tick), y: below, text: String(tick), anchor: 'middle', fill: 'weak' };
      }),
    { kind: 'text', x: space.left + w / 2, y: space.top + h + 34, text: xLabel, anchor: 'middle', fill: 'weak' },
  ];
}

function curve({ points, colour, faint, marked, dash }: DrawnLine, left: Scale, top: Scale): Shape[] {
  if (points.length === 0) return [];
  const d = points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${left(x)} ${top(y)}`).join('');
  const line: Shape = {
    kind: 'path',
    d,
    stroke: colour,
    width: faint === true ? 1 : 2,
    ...(faint === true ? { opacity: 0.35 } : {}),
    ...(dash === undefined ? {} : { dash: dash.join(' ') }),
  };
  if (marked !== true) return [line];
  return [
    line,
    ...points.map(({ x, y }): Shape => ({
      kind: 'circle',
      x: left(x),
      y: top(y),
      r: 3.5,
      fill: 'surface',
      stroke: colour,
      width: 2,
    })),
  ];
}

function flagShapes({ x, y, text }: Flag, left: Scale, top: Scale, w: number): Shape[] {
  if (x === undefined) {
    return [
      { kind: 'path', d: `M${space.left} ${top(y)}h${w}`, stroke: 'weak', dash: '4 4' },
      { kind: 'text', x: space.left + w - 4, y: top(y) - 5, text, anchor: 'end', fill: 'weak' },
    ];
  }
  return [
    { kind: 'circle', x: left(x), y: top(y), r: 6, stroke: 'text', width: 1.5 },
    { kind: 'text', x: left(x), y: top(y) + 20, text, anchor: 'middle' },
  ];
}

function legend(lines: readonly DrawnLine[]): Shape[] {
  const named = lines.filter(({ label }) => label !== '');
  let x = space.left;
  return named.flatMap(({ label, colour, dash }): Shape[] => {
    const at = x;
    // Widths of letters are not known here; text of 11 px takes about 6 px a letter.
    x += 30 + label.length * textSize * 0.55;
    return [
      {
        kind: 'path',
        d: `M${at} 8h16`,
        stroke: colour,
        width: 2,
        ...(dash === undefined ? {} : { dash: dash.join(' ') }),
      },
      { kind: 'text', x: at + 20, y: 12, text: label },
    ];
  });
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
