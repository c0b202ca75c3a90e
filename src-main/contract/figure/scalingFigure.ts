import { formatCount } from '../format.ts';
import type { ScalingResult } from '../studies.ts';
import { columns, legend, percent, plot, sheet } from './plot.ts';
import { logScale } from './scale.ts';
import { circle, label, polyline } from './svg.ts';
import { seriesColour, type FigureTheme } from './theme.ts';

/** Mean k and trainable share against the size of models. */
export function scalingFigure(result: ScalingResult, theme: FigureTheme): string {
  const { rows, settings } = result;
  const x = { scale: logScale(rows.map(({ model }) => model.parameters)), label: 'parameters of the model' };
  const values = (of: (entry: ScalingResult['rows'][number]['ranks'][number]) => number): number[] =>
    rows.flatMap(({ ranks }) => ranks.map(of));
  return sheet(
    theme,
    {
      title: 'Ranks and trainable share against the size of models',
      subtitle: `${rows.length} models, ${settings.rule.measure === 'sum' ? 'sum' : 'energy'} of singular values`,
      caption: `Mean k over the adapted matrices, and SARA’s trainable parameters as a share of the model’s. Models: ${rows.map(({ model }, i) => `${i + 1} ${model.name} (${formatCount(model.parameters)})`).join(', ')}.`,
      width: 1000,
      height: 380,
    },
    (area) => {
      const [left, right] = columns({ ...area, top: area.top + 16, height: area.height - 16 }, [1, 1]);
      if (left === undefined || right === undefined) return [];
      const series = (
        of: (entry: ScalingResult['rows'][number]['ranks'][number]) => number,
        at: (a: number, b: number) => readonly [number, number],
      ): string[] =>
        settings.thresholds.flatMap((threshold, i) => {
          const points = rows.flatMap(({ model, ranks }) =>
            ranks.filter((entry) => entry.threshold === threshold).map((entry) => at(model.parameters, of(entry))),
          );
          const colour = seriesColour(theme, i);
          return [
            polyline(points, { stroke: colour, 'stroke-width': 1.5 }),
            ...points.map(([px, py]) => circle(px, py, 3.5, { fill: colour })),
          ];
        });
      return [
        legend(
          theme,
          { left: left.left, top: area.top, width: area.width },
          settings.thresholds.map((threshold, i) => ({ text: `m = ${threshold}`, colour: seriesColour(theme, i) })),
        ),
        plot(
          theme,
          left,
          { heading: 'Mean k', x, y: { scale: logScale(values(({ meanRank }) => meanRank)), label: 'k' } },
          (at) => [
            ...series(({ meanRank }) => meanRank, at),
            ...rows.map(({ model, ranks }, i) => {
              const most = Math.max(...ranks.map(({ meanRank }) => meanRank));
              const [px, py] = at(model.parameters, most);
              return label(String(i + 1), px, py - 9, { 'font-size': 10, fill: theme.muted, 'text-anchor': 'middle' });
            }),
          ],
        ),
        plot(
          theme,
          right,
          {
            heading: 'Trainable share',
            x,
            y: { scale: logScale(values(({ share }) => share)), label: 'share of all parameters', write: percent },
          },
          (at) => series(({ share }) => share, at),
        ),
      ];
    },
  );
}
