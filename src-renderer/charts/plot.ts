/** Points and lines over two axes, with spreads: laid out as shapes. Pure. */
import { axisOver, type Axis } from './axis.ts';
import { textSize, type Drawing, type Shape } from './drawing.ts';

export interface PlotPoint {
  readonly x: number;
  readonly y: number;
  /** Ends of the spread, where there is one. */
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  /** What it is, for the readout: `layer 3`. */
  readonly name: string;
}

export interface PlotSeries {
  readonly key: string;
  readonly label: string;
  /** Index into the distinct line colours. */
  readonly colour: number;
  readonly points: readonly PlotPoint[];
  /** Joined by a line, in the order given. */
  readonly joined?: boolean;
  readonly dashed?: boolean;
  /** Filled between `low` and `high` instead of bars. */
  readonly band?: boolean;
  /** Without a mark for each point. */
  readonly unmarked?: boolean;
}

export interface PlotAxis {
  readonly label: string;
  readonly log?: boolean;
  /** Values that the axis holds although no point has them. */
  readonly include?: readonly number[];
  readonly integers?: boolean;
  readonly write: (value: number) => string;
}

export interface PlotSpec {
  readonly x: PlotAxis;
  readonly y: PlotAxis;
  readonly series: readonly PlotSeries[];
  /** Levels to compare with. */
  readonly levels?: readonly { readonly y: number; readonly text: string }[];
  /** Places marked on the x axis. */
  readonly cuts?: readonly { readonly x: number; readonly text: string }[];
}

/** A point where it was drawn. */
export interface PlacedPoint {
  readonly series: PlotSeries;
  readonly point: PlotPoint;
  readonly left: number;
  readonly top: number;
}

export interface PlotLayout {
  readonly drawing: Drawing;
  /** Every point from left to right, series by series at the same place. */
  readonly points: readonly PlacedPoint[];
}

const space = { left: 64, right: 12, top: 10, bottom: 40 } as const;

export function layOutPlot(spec: PlotSpec, width: number, height: number): PlotLayout {
  const inner = {
    w: Math.max(40, width - space.left - space.right),
    h: Math.max(40, height - space.top - space.bottom),
  };
  const all = spec.series.flatMap((series) => series.points);
  const x = axisOver([...all.map((p) => p.x), ...(spec.cuts ?? []).map((cut) => cut.x)], {
    ...optional(spec.x),
    ticks: Math.max(2, Math.floor(inner.w / 72)),
  });
  const y = axisOver(
    [...all.flatMap((p) => [p.y, p.low ?? p.y, p.high ?? p.y]), ...(spec.levels ?? []).map((level) => level.y)],
    { ...optional(spec.y), ticks: Math.max(2, Math.floor(inner.h / 44)) },
  );
  const left = (value: number): number => round(space.left + x.position(value) * inner.w);
  const top = (value: number): number => round(space.top + (1 - y.position(value)) * inner.h);
  const drawable = (p: PlotPoint): boolean =>
    [p.x, p.y].every(Number.isFinite) && (!x.log || p.x > 0) && (!y.log || p.y > 0);
  const placed = spec.series
    .flatMap((series) =>
      series.points.filter(drawable).map((point) => ({ series, point, left: left(point.x), top: top(point.y) })),
    )
    .sort((a, b) => a.left - b.left);
  return {
    drawing: {
      width,
      height,
      shapes: [
        ...grid(spec, x, y, left, top, inner),
        ...spec.series.flatMap((series) => seriesShapes(series, series.points.filter(drawable), left, top)),
        ...marks(spec, left, top, inner),
      ],
    },
    points: placed,
  };
}

function optional({ log, include, integers }: PlotAxis): {
  log?: boolean;
  include?: readonly number[];
  integers?: boolean;
} {
  return {
    ...(log === undefined ? {} : { log }),
    ...(include === undefined ? {} : { include }),
    ...(integers === undefined ? {} : { integers }),
  };
}

type Place = (value: number) => number;
interface Inner {
  readonly w: number;
  readonly h: number;
}

function grid(spec: PlotSpec, x: Axis, y: Axis, left: Place, top: Place, { w, h }: Inner): Shape[] {
  const bottom = space.top + h;
  const right = space.left + w;
  return [
    ...y.ticks.flatMap((tick): Shape[] => [
      { kind: 'path', d: `M${space.left} ${top(tick)}H${right}`, stroke: 'line' },
      { kind: 'text', x: space.left - 6, y: top(tick) + 4, text: spec.y.write(tick), anchor: 'end', fill: 'weak' },
    ]),
    { kind: 'path', d: `M${space.left} ${bottom}H${right}`, stroke: 'strong' },
    ...x.ticks.flatMap((tick): Shape[] => [
      { kind: 'path', d: `M${left(tick)} ${bottom}v4`, stroke: 'strong' },
      { kind: 'text', x: left(tick), y: bottom + 16, text: spec.x.write(tick), anchor: 'middle', fill: 'weak' },
    ]),
    { kind: 'text', x: round(space.left + w / 2), y: bottom + 34, text: spec.x.label, anchor: 'middle', fill: 'weak' },
    {
      kind: 'text',
      x: 12,
      y: round(space.top + h / 2),
      text: spec.y.label,
      anchor: 'middle',
      fill: 'weak',
      upwards: true,
    },
  ];
}

function seriesShapes(series: PlotSeries, points: readonly PlotPoint[], left: Place, top: Place): Shape[] {
  const { colour } = series;
  const spread = points.filter((p) => p.low !== undefined && p.high !== undefined);
  const shapes: Shape[] = [];
  if (series.band && spread.length > 1) {
    const there = spread.map((p) => `${left(p.x)} ${top(p.high ?? p.y)}`);
    const back = spread.toReversed().map((p) => `${left(p.x)} ${top(p.low ?? p.y)}`);
    shapes.push({ kind: 'path', d: `M${[...there, ...back].join('L')}Z`, fill: colour, opacity: 0.16 });
  } else {
    for (const p of spread) {
      const [from, to] = [top(p.low ?? p.y), top(p.high ?? p.y)];
      const d = `M${left(p.x)} ${from}V${to}M${left(p.x) - 4} ${from}h8M${left(p.x) - 4} ${to}h8`;
      shapes.push({ kind: 'path', d, stroke: colour, width: 1.5 });
    }
  }
  if (series.joined && points.length > 1) {
    const d = `M${points.map((p) => `${left(p.x)} ${top(p.y)}`).join('L')}`;
    shapes.push({ kind: 'path', d, stroke: colour, width: 1.75, ...(series.dashed ? { dash: '5 4' } : {}) });
  }
  if (series.unmarked) return shapes;
  return [
    ...shapes,
    ...points.map((p): Shape => ({
      kind: 'circle',
      x: left(p.x),
      y: top(p.y),
      r: 4,
      fill: 'surface',
      stroke: colour,
      width: 2,
    })),
  ];
}

function marks(spec: PlotSpec, left: Place, top: Place, { w, h }: Inner): Shape[] {
  return [
    ...(spec.levels ?? []).flatMap((level): Shape[] => [
      { kind: 'path', d: `M${space.left} ${top(level.y)}h${w}`, stroke: 'weak', dash: '4 4' },
      { kind: 'text', x: space.left + w, y: top(level.y) - 5, text: level.text, anchor: 'end', fill: 'weak' },
    ]),
    ...(spec.cuts ?? []).flatMap((cut): Shape[] => {
      const late = left(cut.x) > space.left + w / 2;
      return [
        { kind: 'path', d: `M${left(cut.x)} ${space.top}v${h}`, stroke: 'text', width: 1.5 },
        {
          kind: 'text',
          x: left(cut.x) + (late ? -6 : 6),
          y: space.top + textSize,
          text: cut.text,
          anchor: late ? 'end' : 'start',
          bold: true,
        },
      ];
    }),
  ];
}

/** The point nearest to a place on the drawing; undefined when there is none. */
export function nearestPoint(points: readonly PlacedPoint[], x: number, y: number): number {
  let nearest = -1;
  let least = Infinity;
  points.forEach(({ left, top }, i) => {
    const distance = (left - x) ** 2 + (top - y) ** 2;
    if (distance < least) {
      least = distance;
      nearest = i;
    }
  });
  return nearest;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
