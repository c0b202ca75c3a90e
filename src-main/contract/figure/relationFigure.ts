import type { Correlation, RelationResult } from '../studies.ts';
import { columns, plot, sheet } from './plot.ts';
import { probeWords } from './probeMarks.ts';
import { linearScale } from './scale.ts';
import { circle, label, line, rectangle } from './svg.ts';
import { seriesColour, type FigureTheme } from './theme.ts';

/** Gain of held-out loss against k, one point for each layer or matrix; beside it the gain of each layer. */
export function relationFigure(result: RelationResult, theme: FigureTheme): string {
  const { rows, settings, correlations } = result;
  const unit = settings.unit;
  const measured = rows.filter((row): row is typeof row & { gain: number } => row.gain !== undefined);
  const last = Math.max(1, ...rows.map(({ layer }) => layer));
  const words =
    correlations === undefined
      ? 'Too few points for a correlation.'
      : `Spearman ${written(correlations.spearman)}, Kendall ${written(correlations.kendall)} (bootstrap), Pearson ${written(correlations.pearson)} (Fisher), over ${correlations.rows} points.`;
  const gains = {
    scale: linearScale(
      measured.map(({ gain }) => gain),
      { zero: true },
    ),
    label: 'gain of held-out loss, nats per token',
  };
  return sheet(
    theme,
    {
      title: `What one ${unit} alone gains, against its k`,
      subtitle: `${result.models[0]?.name ?? ''}, SARA (${settings.method.init}, m = ${settings.method.threshold}), learning rate ${settings.learningRate}`,
      caption: `Each point is a training in which one ${unit} alone is adapted; k is ${unit === 'layer' ? 'the mean over the layer’s matrices' : 'that of the matrix'}. ${words} ${probeWords(settings.probe, settings.seeds)}`,
      width: 1040,
      height: 400,
    },
    (area) => {
      const [scatter, bars] = columns(area, [1.1, 1]);
      if (scatter === undefined || bars === undefined) return [];
      const colourOf = (layer: number): string => theme.sequential(0.25 + (0.75 * layer) / last);
      const layers = [...new Set(measured.map(({ layer }) => layer))];
      const meanGain = (layer: number): number => {
        const own = measured.filter((row) => row.layer === layer);
        return own.reduce((sum, { gain }) => sum + gain, 0) / own.length;
      };
      return [
        plot(
          theme,
          scatter,
          {
            heading:
              correlations === undefined
                ? 'Gain against k'
                : `Gain against k: Spearman ${written(correlations.spearman)}`,
            x: {
              scale: linearScale(
                measured.map(({ rank }) => rank),
                { whole: unit === 'matrix' },
              ),
              label: 'k',
            },
            y: gains,
          },
          (at) => {
            const names = { 'font-size': 10, fill: theme.muted, stroke: theme.background, 'stroke-width': 2.5 };
            return [
              ...measured.map(({ layer, rank, gain }) =>
                circle(...at(rank, gain), 5, { fill: colourOf(layer), stroke: theme.muted, 'stroke-width': 0.5 }),
              ),
              // Above all points, with a rim, so that a neighbour does not cover them.
              ...(unit === 'layer' ? measured : []).map(({ layer, rank, gain }) => {
                const [px, py] = at(rank, gain);
                return label(String(layer), px + 7, py + 4, { ...names, 'paint-order': 'stroke' });
              }),
            ];
          },
        ),
        plot(
          theme,
          bars,
          {
            heading: unit === 'layer' ? 'Gain of each layer' : 'Mean gain of the matrices of each layer',
            x: { scale: linearScale([-0.5, last + 0.5], { whole: true, ticks: 8 }), label: 'layer' },
            y: gains,
          },
          (at) => [
            ...layers.map((layer) => {
              const [px, py] = at(layer, meanGain(layer));
              const zero = at(layer, 0)[1];
              const width = Math.max(2, (0.7 * bars.width) / (last + 2));
              return rectangle(px - width / 2, Math.min(py, zero), width, Math.abs(zero - py), {
                fill: colourOf(layer),
              });
            }),
            line(...at(-0.5, 0), ...at(last + 0.5, 0), { stroke: seriesColour(theme, 7) }),
          ],
        ),
      ];
    },
  );
}

function written({ value, low, high }: Correlation): string {
  const short = (number: number): string => number.toFixed(2).replace('-', '−');
  return `${short(value)} [${short(low)}, ${short(high)}]`;
}
