import { cumulativeSums } from '../rank.ts';
import type { SpectraResult, SpectrumRow } from '../studies.ts';
import { columns, legend, percent, plot, sheet, type Area } from './plot.ts';
import { linearScale } from './scale.ts';
import { circle, group, label, line, polyline, rectangle } from './svg.ts';
import { seriesColour, type FigureTheme } from './theme.ts';

const partNames: Readonly<Record<SpectrumRow['part'], string>> = {
  q: 'W_q',
  k: 'W_k',
  v: 'W_v',
  o: 'W_o',
  qv: '[W_q;\u00a0W_v]',
};

const titles = {
  heads: 'k of each attention head',
  merged: 'k of whole attention matrices',
  QVmerged: 'k of W_q and W_v stacked',
} as const;

/** k by layer and head, and how fast the spectra of each part add up. */
export function spectraFigure(result: SpectraResult, theme: FigureTheme): string {
  const { rows, study, settings } = result;
  const parts = [...new Set(rows.map(({ part }) => part))];
  const layers = [...new Set(rows.map(({ layer }) => layer))];
  const { threshold, measure } = settings.rule;
  const heads = study === 'heads';
  return sheet(
    theme,
    {
      title: titles[study],
      subtitle: `${result.models[0]?.name ?? ''}, m = ${threshold} of the ${measure === 'sum' ? 'sum' : 'energy'} of singular values`,
      caption:
        (heads
          ? 'Left: k of each head’s rows of W_q, W_k and W_v and columns of W_o, a row for each layer. '
          : 'Left: k of each layer. ') +
        'Right: share that the leading singular values reach, mean over all layers' +
        `${heads ? ' and heads' : ''}; the dashed line is m. Sizes: ${parts.map((part) => sizesOf(rows, part)).join(', ')}.`,
      width: 1040,
      height: Math.max(360, heads ? 110 + 15 * layers.length : 360),
    },
    (area) => {
      const [left, right] = columns(area, [1.25, 1]);
      if (left === undefined || right === undefined) return [];
      return [
        heads ? headMap(result, theme, left, parts, layers) : layerLines(result, theme, left, parts, layers),
        shares(result, theme, { ...right, height: Math.min(right.height, 320) }, parts),
      ];
    },
  );
}

function sizesOf(rows: readonly SpectrumRow[], part: SpectrumRow['part']): string {
  const sizes = new Set(rows.filter((row) => row.part === part).map(({ shape }) => shape.join('\u00a0×\u00a0')));
  return `${partNames[part]}\u00a0${[...sizes].join(' and ')}`;
}

function headMap(
  { rows }: SpectraResult,
  theme: FigureTheme,
  area: Area,
  parts: readonly SpectrumRow['part'][],
  layers: readonly number[],
): string {
  const counts = parts.map((part) => 1 + Math.max(...rows.map((row) => (row.part === part ? (row.head ?? 0) : 0))));
  const gap = 14;
  const across = counts.reduce((sum, count) => sum + count, 0);
  const width = Math.min(34, (area.width - gap * (parts.length - 1)) / across);
  const height = area.height / layers.length;
  const most = Math.max(...rows.map(({ rank }) => rank));
  const least = Math.min(...rows.map(({ rank }) => rank));
  const shade = (rank: number): number => (most === least ? 0.5 : (rank - least) / (most - least));
  const starts = counts.map(
    (_, i) => area.left + counts.slice(0, i).reduce((sum, count) => sum + count * width + gap, 0),
  );
  const cells = rows.flatMap((row) => {
    const start = starts[parts.indexOf(row.part)] ?? area.left;
    const x = start + (row.head ?? 0) * width;
    const y = area.top + layers.indexOf(row.layer) * height;
    const strong = shade(row.rank);
    return [
      rectangle(x, y, width - 1, height - 1, { fill: theme.sequential(strong) }),
      ...(width >= 18 && height >= 12
        ? [
            label(String(row.rank), x + width / 2 - 0.5, y + height / 2 + 3.5, {
              'font-size': 9,
              'text-anchor': 'middle',
              fill: strong > 0.5 === (theme.background === '#ffffff') ? '#ffffff' : '#1c1e21',
            }),
          ]
        : []),
    ];
  });
  return group(
    {},
    ...parts.map((part, i) => label(partNames[part], starts[i] ?? area.left, area.top - 8, { 'font-weight': 600 })),
    ...cells,
    group(
      { 'font-size': 10, fill: theme.muted, 'text-anchor': 'end' },
      ...layers.map((layer, i) => label(String(layer), area.left - 6, area.top + i * height + height / 2 + 3.5)),
    ),
    label('layer', area.left - 34, area.top + area.height / 2, {
      'text-anchor': 'middle',
      transform: `rotate(-90 ${area.left - 34} ${area.top + area.height / 2})`,
    }),
    ...parts.map((_, i) =>
      label('head', (starts[i] ?? 0) + ((counts[i] ?? 1) * width) / 2, area.top + area.height + 18, {
        'text-anchor': 'middle',
        fill: theme.muted,
        'font-size': 11,
      }),
    ),
    label(`k ${least}`, area.left, area.top + area.height + 38, { 'font-size': 11 }),
    ...Array.from({ length: 40 }, (_, i) =>
      rectangle(area.left + 40 + i * 3, area.top + area.height + 28, 3.2, 12, { fill: theme.sequential(i / 39) }),
    ),
    label(String(most), area.left + 168, area.top + area.height + 38, { 'font-size': 11 }),
  );
}

function layerLines(
  { rows }: SpectraResult,
  theme: FigureTheme,
  area: Area,
  parts: readonly SpectrumRow['part'][],
  layers: readonly number[],
): string {
  return (
    plot(
      theme,
      area,
      {
        heading: 'k by layer',
        x: {
          scale: linearScale([Math.min(...layers), Math.max(...layers)], { whole: true, ticks: 8 }),
          label: 'layer',
        },
        y: {
          scale: linearScale(
            rows.map(({ rank }) => rank),
            { zero: true, whole: true },
          ),
          label: 'k',
        },
      },
      (at) =>
        parts.flatMap((part, i) => {
          const own = rows.filter((row) => row.part === part);
          const colour = seriesColour(theme, i);
          return [
            polyline(
              own.map(({ layer, rank }) => at(layer, rank)),
              { stroke: colour, 'stroke-width': 1.5 },
            ),
            ...own.map(({ layer, rank }) => circle(...at(layer, rank), 3, { fill: colour })),
          ];
        }),
    ) + legendOf(theme, area, parts)
  );
}

function shares(
  { rows, settings }: SpectraResult,
  theme: FigureTheme,
  area: Area,
  parts: readonly SpectrumRow['part'][],
): string {
  const { threshold, measure } = settings.rule;
  const points = 60;
  return (
    plot(
      theme,
      area,
      {
        heading: 'Mean spectrum',
        x: { scale: linearScale([0, 1], { zero: true }), label: 'i / number of singular values', write: percent },
        y: { scale: linearScale([0, 1], { zero: true }), label: 'share reached', write: percent },
      },
      (at) => [
        line(...at(0, threshold), ...at(1, threshold), { stroke: theme.muted, 'stroke-dasharray': '4 3' }),
        ...parts.map((part, i) => {
          const curves = rows
            .filter((row) => row.part === part)
            .map((row) => cumulativeSums(row.singularValues)[measure]);
          const mean = Array.from({ length: points + 1 }, (_, point) => {
            const share = point / points;
            const sum = curves.reduce((total, curve) => total + reached(curve, share), 0);
            return at(share, sum / curves.length);
          });
          return polyline(mean, { stroke: seriesColour(theme, i), 'stroke-width': 2 });
        }),
      ],
    ) + legendOf(theme, area, parts)
  );
}

function legendOf(theme: FigureTheme, area: Area, parts: readonly SpectrumRow['part'][]): string {
  return legend(
    theme,
    { left: area.left + 130, top: area.top - 12, width: area.width - 100 },
    parts.map((part, i) => ({ text: partNames[part], colour: seriesColour(theme, i) })),
  );
}

/** Share of the total that the leading part of the values reaches, linear between values. */
function reached(curve: Float64Array, share: number): number {
  const total = curve[curve.length - 1] ?? 0;
  const place = share * curve.length;
  const below = Math.floor(place);
  const before = below === 0 ? 0 : (curve[below - 1] ?? total);
  const after = curve[Math.min(below, curve.length - 1)] ?? total;
  return total > 0 ? (before + (after - before) * (place - below)) / total : 0;
}
