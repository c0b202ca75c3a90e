import { formatCount, formatShare } from '../format.ts';
import { cumulativeSums } from '../rank.ts';
import type { OverviewResult } from '../studies.ts';
import { columns, percent, plot, sheet, type Area } from './plot.ts';
import { linearScale, logScale } from './scale.ts';
import { circle, element, group, label, line, polyline, rectangle } from './svg.ts';
import { seriesColour, type FigureTheme } from './theme.ts';

const levels = 20;

/** fig1: W0 beside its adapter, to scale, and the spectrum with the cut at m. */
export function overviewFigure(result: OverviewResult, theme: FigureTheme): string {
  const { matrix, settings } = result;
  const [out, into] = matrix.shape;
  const { threshold, measure } = settings.rule;
  const shapes = 330;
  return sheet(
    theme,
    {
      title: `${matrix.name}: k = ${matrix.rank} of ${matrix.singularValues.length}`,
      subtitle: `${result.models[0]?.name ?? ''}, layer ${matrix.layer}, ${out} × ${into}`,
      caption:
        `Above: W₀ (means over blocks of ${Math.ceil(out / matrix.image.rows)} × ${Math.ceil(into / matrix.image.columns)} values, ` +
        `colours from −${matrix.image.largest.toPrecision(2)} to +${matrix.image.largest.toPrecision(2)}) and the adapter B diag(λ) A at the same scale: ` +
        `${formatCount(matrix.trainable)} trainable values, ${formatShare(matrix.trainable / matrix.weights)} of ${formatCount(matrix.weights)}. ` +
        `Below: singular values, and the share of their ${measure === 'sum' ? 'sum' : 'sum of squares'} that the leading ones reach; ` +
        `k is the first at which it is at least m = ${threshold}.`,
      width: 960,
      height: shapes + 330,
    },
    (area) => [
      ...shapesOf(result, theme, { ...area, height: shapes - 30 }),
      ...spectrumOf(result, theme, { ...area, top: area.top + shapes, height: 330 }),
    ],
  );
}

function shapesOf({ matrix }: OverviewResult, theme: FigureTheme, area: Area): string[] {
  const [out, into] = matrix.shape;
  const k = matrix.rank;
  // Two matrices as wide as W0 and two thin ones stand side by side.
  const scale = Math.min((area.height - 30) / out, (area.width - 190) / (2 * into + k));
  const colour = seriesColour(theme, 1);
  const top = area.top + 24;
  const thin = Math.max(1.5, k * scale);
  const W = { x: area.left, width: into * scale, height: out * scale };
  const middle = top + W.height / 2;
  const xB = W.x + W.width + 90;
  const xA = xB + thin + 60;
  const outline = { fill: 'none', stroke: theme.muted, 'stroke-width': 1 };
  const heading = { 'font-size': 12, fill: theme.muted };
  return [
    label(`W₀  ${out} × ${into}`, W.x, top - 8, heading),
    image(matrix.image, theme, { left: W.x, top, width: W.width, height: W.height }),
    rectangle(W.x, top, W.width, W.height, outline),
    label('+', W.x + W.width + 40, middle + 8, { 'font-size': 24, 'text-anchor': 'middle' }),
    label(`B  ${out} × ${k}`, xB, top - 8, heading),
    rectangle(xB, top, thin, W.height, { fill: colour }),
    label('·', xB + thin + 12, middle + 6, { 'font-size': 22, 'text-anchor': 'middle' }),
    label('λ', xB + thin + 30, middle - thin / 2 - 8, { ...heading, 'text-anchor': 'middle' }),
    // diag(λ) is k by k; its diagonal alone is trained.
    rectangle(xB + thin + 30 - thin / 2, middle - thin / 2, thin, thin, { fill: 'none', stroke: theme.grid }),
    line(xB + thin + 30 - thin / 2, middle - thin / 2, xB + thin + 30 + thin / 2, middle + thin / 2, {
      stroke: colour,
      'stroke-width': 1.5,
    }),
    label('·', xB + thin + 48, middle + 6, { 'font-size': 22, 'text-anchor': 'middle' }),
    label(`A  ${k} × ${into}`, xA, middle - thin / 2 - 8, heading),
    rectangle(xA, middle - thin / 2, into * scale, thin, { fill: colour }),
  ];
}

/** The cells of the picture, one path for each of a few colours. */
function image(
  { rows, columns: across, values, largest }: OverviewResult['matrix']['image'],
  theme: FigureTheme,
  area: Area,
): string {
  const width = area.width / across;
  const height = area.height / rows;
  const paths = new Map<number, string[]>();
  values.forEach((value, i) => {
    const level = Math.round(((value / (largest || 1) + 1) / 2) * levels);
    const x = area.left + (i % across) * width;
    const y = area.top + Math.floor(i / across) * height;
    const cell = `M${x.toFixed(1)} ${y.toFixed(1)}h${(width + 0.1).toFixed(1)}v${(height + 0.1).toFixed(1)}h${(-width - 0.1).toFixed(1)}z`;
    paths.set(level, [...(paths.get(level) ?? []), cell]);
  });
  return group(
    { 'shape-rendering': 'crispEdges' },
    ...[...paths].map(([level, cells]) =>
      element('path', { d: cells.join(''), fill: theme.diverging((2 * level) / levels - 1) }),
    ),
  );
}

function spectrumOf({ matrix, settings }: OverviewResult, theme: FigureTheme, area: Area): string[] {
  const [left, right] = columns(area, [1, 1]);
  if (left === undefined || right === undefined) return [];
  const { singularValues: s, rank } = matrix;
  const { threshold, measure } = settings.rule;
  const sums = cumulativeSums(s)[measure];
  const total = sums.at(-1) ?? 1;
  const positive = s.filter((value) => value > (s[0] ?? 1) * 1e-6);
  const kept = seriesColour(theme, 1);
  const all = seriesColour(theme, 0);
  const x = { scale: linearScale([0, s.length], { zero: true }), label: 'i' };
  const cut = (top: number, at: (a: number, b: number) => readonly [number, number], bottom: number): string[] => {
    const [px, py] = at(rank, top);
    return [
      line(px, py, px, at(rank, bottom)[1], { stroke: kept, 'stroke-dasharray': '4 3' }),
      label(`k = ${rank}`, px + 6, py + 14, { fill: kept }),
    ];
  };
  const ySpectrum = logScale(positive);
  return [
    plot(theme, left, { heading: 'Singular values', x, y: { scale: ySpectrum, label: 's_i' } }, (at) => [
      polyline(
        positive.map((value, i) => at(i + 1, value)),
        { stroke: all, 'stroke-width': 1.5 },
      ),
      polyline(
        positive.slice(0, rank).map((value, i) => at(i + 1, value)),
        { stroke: kept, 'stroke-width': 3 },
      ),
      circle(...at(rank, s[rank - 1] ?? 0), 4, { fill: kept }),
      ...cut(ySpectrum.to, at, ySpectrum.from),
    ]),
    plot(
      theme,
      right,
      {
        heading: 'Share that the leading i reach',
        x,
        y: {
          scale: linearScale([0, 1], { zero: true }),
          label: measure === 'sum' ? 'share of the sum' : 'share of the energy',
          write: percent,
        },
      },
      (at) => [
        polyline(
          [...sums].map((sum, i) => at(i + 1, sum / total)),
          { stroke: all, 'stroke-width': 1.5 },
        ),
        line(...at(0, threshold), ...at(s.length, threshold), { stroke: theme.muted, 'stroke-dasharray': '2 3' }),
        label(`m = ${threshold}`, at(s.length, threshold)[0], at(s.length, threshold)[1] - 5, {
          'text-anchor': 'end',
          fill: theme.muted,
        }),
        ...cut(1, at, 0),
      ],
    ),
  ];
}
