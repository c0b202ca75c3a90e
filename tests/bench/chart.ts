/** Line charts as SVG, on a ground of their own, for light and dark pages alike. Pure. */
import type { Chart, Series } from './results.ts';
import { short } from './text.ts';

const width = 640;
const height = 360;
const plot = { left: 72, right: width - 20, top: 56, bottom: height - 52 };
const colours = ['#c2410c', '#2563eb', '#15803d', '#7e22ce'];
const ink = '#24292f';
const grid = '#d8dee4';

/** @throws RangeError for a chart without points */
export function drawChart(chart: Chart): string {
  const points = chart.series.flatMap((series) => series.points);
  if (points.length === 0) throw new RangeError(`${chart.title} has no points.`);
  const xs = [...new Set(points.map(([x]) => x))].sort((a, b) => a - b);
  const top = roundUp(Math.max(...points.map(([, y]) => y)));
  const x = xScale(xs, chart.linear === true);
  const y = (value: number): number => plot.bottom - (value / top) * (plot.bottom - plot.top);
  const xTicks = chart.linear === true ? evenly(xs.at(-1) ?? 1) : xs;
  const yTicks = evenly(top);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="12" fill="${ink}" role="img" aria-label="${escaped(chart.title)}">`,
    `<rect width="${width}" height="${height}" rx="6" fill="#ffffff"/>`,
    `<text x="${plot.left}" y="22" font-size="15" font-weight="600">${escaped(chart.title)}</text>`,
    ...legend(chart.series),
    ...yTicks.map((value) => horizontal(y(value), short(value))),
    ...xTicks.map(
      (value) => `<text x="${fixed(x(value))}" y="${plot.bottom + 18}" text-anchor="middle">${value}</text>`,
    ),
    `<text x="${(plot.left + plot.right) / 2}" y="${height - 10}" text-anchor="middle">${escaped(chart.x)}</text>`,
    `<text x="16" y="${(plot.top + plot.bottom) / 2}" text-anchor="middle" transform="rotate(-90 16 ${(plot.top + plot.bottom) / 2})">${escaped(chart.y)}</text>`,
    ...chart.series.flatMap((series, i) => line(series, colourOf(i), x, y)),
    '</svg>',
    '',
  ].join('\n');
}

/** Each doubling takes the same room, unless the axis is linear from 0. */
function xScale(xs: readonly number[], linear: boolean): (value: number) => number {
  const across = linear ? (value: number): number => value : Math.log2;
  const [first, last] = [linear ? 0 : across(xs[0] ?? 1), across(xs.at(-1) ?? 1)];
  const room = plot.right - plot.left - 24;
  return (value) => plot.left + 12 + (last === first ? room / 2 : ((across(value) - first) / (last - first)) * room);
}

function line(
  { points }: Series,
  colour: string,
  x: (value: number) => number,
  y: (value: number) => number,
): string[] {
  const places = points.map(([px, py]) => `${fixed(x(px))},${fixed(y(py))}`);
  // Many points stand so close that dots would hide the line.
  const dots = points.length > 20 ? [] : points;
  return [
    `<polyline points="${places.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    ...dots.map(([px, py]) => `<circle cx="${fixed(x(px))}" cy="${fixed(y(py))}" r="3.5" fill="${colour}"/>`),
  ];
}

function legend(series: readonly Series[]): string[] {
  let left = plot.left;
  return series.flatMap(({ name }, i) => {
    const at = left;
    left += 40 + 7 * name.length;
    return [
      `<rect x="${at}" y="32" width="18" height="4" rx="2" fill="${colourOf(i)}"/>`,
      `<text x="${at + 24}" y="38">${escaped(name)}</text>`,
    ];
  });
}

function horizontal(at: number, label: string): string {
  return `<line x1="${plot.left}" x2="${plot.right}" y1="${fixed(at)}" y2="${fixed(at)}" stroke="${grid}"/><text x="${plot.left - 8}" y="${fixed(at + 4)}" text-anchor="end">${label}</text>`;
}

/** The next of 1, 2, 2.5, 5 times a power of ten. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 2.5, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

/** Five values from 0 to the largest. */
function evenly(largest: number): number[] {
  return Array.from({ length: 5 }, (_, i) => (largest * i) / 4);
}

function colourOf(index: number): string {
  return colours[index % colours.length] ?? ink;
}

function fixed(value: number): string {
  return value.toFixed(1);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
