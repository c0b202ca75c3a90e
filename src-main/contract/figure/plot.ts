/** What figures are put together from: the sheet with title and caption, axes, legends. */
import { circle, element, group, label, line, rectangle } from './svg.ts';
import type { Scale } from './scale.ts';
import type { FigureTheme } from './theme.ts';

export interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Axis {
  readonly scale: Scale;
  readonly label: string;
  /** How a tick is written; the shortest form by default. */
  readonly write?: (value: number) => string;
}

const fontFamily = "Inter, 'DejaVu Sans', 'Helvetica Neue', Arial, sans-serif";
const lineHeight = 17;

/** Mean width of a character of text of this size. */
const charWidth = 0.56;

/** Width of a text, roughly. */
export function textWidth(text: string, size: number): number {
  return text.length * size * charWidth;
}

/**
 * The sheet: title, what it is of, the drawing, and a caption that tells the settings.
 * @param draw gives the drawing for the height at which it begins
 */
export function sheet(
  theme: FigureTheme,
  {
    title,
    subtitle,
    caption,
    width,
    height,
  }: {
    readonly title: string;
    readonly subtitle: string;
    readonly caption: string;
    readonly width: number;
    /** Of the drawing alone. */
    readonly height: number;
  },
  draw: (area: Area) => readonly string[],
): string {
  const margin = 28;
  const top = 84;
  const lines = wrapped(caption, (width - 2 * margin) / (12 * charWidth));
  const whole = top + height + 22 + lines.length * lineHeight + 14;
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${width} ${whole}`,
      width,
      height: whole,
      role: 'img',
      'aria-label': `${title}. ${caption}`,
      'font-family': fontFamily,
      'font-size': 12,
      fill: theme.text,
    },
    rectangle(0, 0, width, whole, { fill: theme.background }),
    label(title, margin, 36, { 'font-size': 19, 'font-weight': 600 }),
    label(subtitle, margin, 58, { 'font-size': 13, fill: theme.muted }),
    ...draw({ left: margin, top, width: width - 2 * margin, height }),
    group({ fill: theme.muted }, ...lines.map((text, i) => label(text, margin, top + height + 34 + i * lineHeight))),
  );
}

function wrapped(text: string, most: number): string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of text.split(' ')) {
    if (current !== '' && current.length + 1 + word.length > most) {
      lines.push(current);
      current = word;
    } else current = current === '' ? word : `${current} ${word}`;
  }
  return [...lines, current];
}

/** Splits an area into columns with room for the axes of each. */
export function columns(area: Area, shares: readonly number[]): Area[] {
  const gap = 70;
  const left = 58;
  const bottom = 44;
  const heading = 26;
  const total = shares.reduce((sum, share) => sum + share, 0);
  const free = area.width - left - gap * (shares.length - 1);
  let x = area.left + left;
  return shares.map((share) => {
    const width = (free * share) / total;
    const own = { left: x, top: area.top + heading, width, height: area.height - bottom - heading };
    x += width + gap;
    return own;
  });
}

/** A plot: heading, grid, axes, and what is drawn in it. */
export function plot(
  theme: FigureTheme,
  area: Area,
  { heading, x, y }: { readonly heading: string; readonly x: Axis; readonly y: Axis },
  draw: (at: (xValue: number, yValue: number) => readonly [number, number]) => readonly string[],
): string {
  const { left, top, width, height } = area;
  const right = left + width;
  const bottom = top + height;
  const at = (xValue: number, yValue: number): readonly [number, number] => [
    left + x.scale.place(xValue) * width,
    bottom - y.scale.place(yValue) * height,
  ];
  const grid = [
    ...x.scale.ticks.map((tick) => at(tick, y.scale.from)[0]).map((px) => line(px, top, px, bottom, {})),
    ...y.scale.ticks.map((tick) => at(x.scale.from, tick)[1]).map((py) => line(left, py, right, py, {})),
  ];
  const write = { x: x.write ?? shortNumber, y: y.write ?? shortNumber };
  return group(
    {},
    label(heading, left, top - 12, { 'font-size': 13, 'font-weight': 600 }),
    group({ stroke: theme.grid, 'stroke-width': 1 }, ...grid),
    group(
      { stroke: theme.muted, 'stroke-width': 1 },
      line(left, bottom, right, bottom, {}),
      line(left, top, left, bottom, {}),
    ),
    group(
      { fill: theme.muted, 'font-size': 11, 'text-anchor': 'middle' },
      ...apart(
        x.scale.ticks,
        (tick) => at(tick, y.scale.from)[0],
        (tick) => textWidth(write.x(tick), 11) + 8,
      ).map((tick) => label(write.x(tick), at(tick, y.scale.from)[0], bottom + 16)),
    ),
    group(
      { fill: theme.muted, 'font-size': 11, 'text-anchor': 'end' },
      ...y.scale.ticks.map((tick) => label(write.y(tick), left - 7, at(x.scale.from, tick)[1] + 4)),
    ),
    label(x.label, left + width / 2, bottom + 36, { 'text-anchor': 'middle' }),
    label(y.label, left - 44, top + height / 2, {
      'text-anchor': 'middle',
      transform: `rotate(-90 ${left - 44} ${top + height / 2})`,
    }),
    ...draw(at),
  );
}

/** Those ticks whose labels do not touch. */
function apart(
  ticks: readonly number[],
  placeOf: (tick: number) => number,
  widthOf: (tick: number) => number,
): readonly number[] {
  let end = -Infinity;
  return ticks.filter((tick) => {
    const begin = placeOf(tick) - widthOf(tick) / 2;
    if (begin < end) return false;
    end = placeOf(tick) + widthOf(tick) / 2;
    return true;
  });
}

/** Names of series beside their colours, in a row; rows are filled from the left. */
export function legend(
  theme: FigureTheme,
  area: Pick<Area, 'left' | 'top' | 'width'>,
  entries: readonly { readonly text: string; readonly colour: string }[],
): string {
  let x = area.left;
  let y = area.top;
  return group(
    { 'font-size': 11, fill: theme.text },
    ...entries.map(({ text, colour }) => {
      const width = 30 + textWidth(text, 11);
      if (x > area.left && x + width > area.left + area.width) {
        x = area.left;
        y += 16;
      }
      const mark = circle(x + 5, y - 4, 4, { fill: colour }) + label(text, x + 14, y);
      x += width;
      return mark;
    }),
  );
}

/** A number in few characters: `12`, `0.05`, `1.3k`, `2.4M`, `1e-5`. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 1e9) return `${shortest(value / 1e9)}B`;
  if (size >= 1e6) return `${shortest(value / 1e6)}M`;
  if (size >= 1e4) return `${shortest(value / 1e3)}k`;
  return size < 1e-4 ? value.toExponential().replace('e-', 'e−') : shortest(value);
}

/** A share in per cent. */
export function percent(value: number): string {
  return `${shortest(value * 100)} %`;
}

function shortest(value: number): string {
  return String(Number(value.toPrecision(4))).replace('-', '−');
}
