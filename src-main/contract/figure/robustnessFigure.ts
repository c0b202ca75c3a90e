import type { RobustnessResult } from '../studies.ts';
import { columns, legend, plot, sheet } from './plot.ts';
import { cellMarks, lossesOf, probeWords } from './probeMarks.ts';
import { linearScale, triedScale } from './scale.ts';
import { polyline } from './svg.ts';
import { seriesColour, type FigureTheme } from './theme.ts';

/** Held-out loss over learning rates, one plot for each share of the data, one colour for each method. */
export function robustnessFigure(result: RobustnessResult, theme: FigureTheme): string {
  const { groups, settings } = result;
  const labels = [...new Set(groups.map(({ label }) => label))];
  const y = {
    scale: linearScale(lossesOf(groups.flatMap(({ cells }) => cells))),
    label: 'held-out loss, nats per token',
  };
  const x = { scale: triedScale(settings.learningRates), label: 'learning rate' };
  const { method } = settings;
  return sheet(
    theme,
    {
      title: 'Spread over seeds, learning rates and shares of the data',
      subtitle: `${result.models[0]?.name ?? ''}, SARA (${method.init}, m = ${method.threshold}) and LoRA with as many parameters`,
      caption: `Held-out loss after the probe; the same rows are held out for all. ${probeWords(settings.probe, settings.seeds)}`,
      width: Math.max(640, 120 + 400 * settings.fractions.length),
      height: 380,
    },
    (area) => [
      legend(
        theme,
        { left: area.left + 58, top: area.top, width: area.width },
        labels.map((text, i) => ({ text, colour: seriesColour(theme, i) })),
      ),
      ...columns(
        { ...area, top: area.top + 16, height: area.height - 16 },
        settings.fractions.map(() => 1),
      ).map((own, i) => {
        const fraction = settings.fractions[i];
        const rows = groups.find((entry) => entry.fraction === fraction)?.cells[0]?.probes[0]?.trainRows;
        const heading = `${Math.round((fraction ?? 1) * 100)} % of the rows${rows === undefined ? '' : ` (${rows})`}`;
        return plot(theme, own, { heading, x, y }, (at) =>
          labels.flatMap((text, number) => {
            const cells = groups.find((entry) => entry.label === text && entry.fraction === fraction)?.cells ?? [];
            const colour = seriesColour(theme, number);
            // Beside each other, where they would lie on each other.
            const aside = 7 * (number - (labels.length - 1) / 2);
            const place = (rate: number, loss: number): readonly [number, number] => {
              const [px, py] = at(rate, loss);
              return [px + aside, py];
            };
            return [
              polyline(
                cells.flatMap(({ mean, learningRate }) => (mean === undefined ? [] : [place(learningRate, mean)])),
                { stroke: colour, 'stroke-width': 1.5 },
              ),
              ...cells.flatMap((cell) => cellMarks(cell, cell.learningRate, place, colour)),
            ];
          }),
        );
      }),
    ],
  );
}
