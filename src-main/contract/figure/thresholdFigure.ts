import type { ThresholdResult } from '../studies.ts';
import { columns, legend, plot, sheet, shortNumber } from './plot.ts';
import { cellMarks, lossesOf, probeWords } from './probeMarks.ts';
import { linearScale, logScale, triedScale } from './scale.ts';
import { circle, label, polygon, polyline } from './svg.ts';
import { seriesColour, type FigureTheme } from './theme.ts';

/** k, trainable parameters and, where probed, held-out loss over m. */
export function thresholdFigure(result: ThresholdResult, theme: FigureTheme): string {
  const { rows, settings } = result;
  const probed = rows.some(({ cells }) => cells.some(({ probes }) => probes.length > 0));
  const { method, learningRates, probe, seeds } = settings;
  const x = { scale: triedScale(rows.map(({ threshold }) => threshold)), label: 'threshold m' };
  const blue = seriesColour(theme, 0);
  return sheet(
    theme,
    {
      title: `Ranks${probed ? ', parameters and loss' : ' and parameters'} over the threshold m`,
      subtitle: `${result.models[0]?.name ?? ''}, SARA (${method.init}), ${method.measure === 'sum' ? 'sum' : 'energy'} of singular values, one k per ${method.granularity}`,
      caption:
        'Left: mean k over the adapted matrices; the band reaches from the least to the largest. ' +
        `${probed ? 'Middle' : 'Right'}: trainable parameters; r is the rank of LoRA at that budget.` +
        (probed && probe !== undefined ? ` Right: held-out loss after the probe. ${probeWords(probe, seeds)}` : ''),
      width: probed ? 1120 : 800,
      height: 350,
    },
    (area) => {
      const [ranks, parameters, loss] = columns(area, probed ? [1, 1, 1] : [1, 1]);
      if (ranks === undefined || parameters === undefined) return [];
      const drawn = [
        plot(
          theme,
          ranks,
          {
            heading: 'k',
            x,
            y: { scale: logScale(rows.flatMap(({ leastRank, mostRank }) => [leastRank, mostRank])), label: 'rank k' },
          },
          (at) => [
            polygon(
              [
                ...rows.map((row) => at(row.threshold, row.mostRank)),
                ...[...rows].reverse().map((row) => at(row.threshold, row.leastRank)),
              ],
              { fill: blue, 'fill-opacity': 0.15 },
            ),
            polyline(
              rows.map((row) => at(row.threshold, row.meanRank)),
              { stroke: blue, 'stroke-width': 2 },
            ),
            ...rows.map((row) => circle(...at(row.threshold, row.meanRank), 3, { fill: blue })),
          ],
        ),
        plot(
          theme,
          parameters,
          {
            heading: 'Trainable parameters',
            x,
            y: { scale: logScale(rows.map((row) => row.trainable)), label: 'parameters' },
          },
          (at) => [
            polyline(
              rows.map((row) => at(row.threshold, row.trainable)),
              { stroke: blue, 'stroke-width': 2 },
            ),
            ...rows.map((row) => circle(...at(row.threshold, row.trainable), 3, { fill: blue })),
            ...rows.map((row) => {
              const [px, py] = at(row.threshold, row.trainable);
              return label(`r ${row.loraRank}`, px + 8, py + 5, {
                'font-size': 10,
                fill: theme.muted,
              });
            }),
          ],
        ),
      ];
      if (loss === undefined) return drawn;
      const cells = rows.flatMap((row) => row.cells);
      return [
        ...drawn,
        plot(
          theme,
          loss,
          { heading: 'Held-out loss', x, y: { scale: linearScale(lossesOf(cells)), label: 'nats per token' } },
          (at) =>
            learningRates.flatMap((rate, i) => {
              const colour = seriesColour(theme, i + 1);
              const own = rows.flatMap(({ threshold, cells: all }) =>
                all.filter(({ learningRate }) => learningRate === rate).map((cell) => ({ threshold, cell })),
              );
              return [
                polyline(
                  own.flatMap(({ threshold, cell }) => (cell.mean === undefined ? [] : [at(threshold, cell.mean)])),
                  { stroke: colour, 'stroke-width': 1.5 },
                ),
                ...own.flatMap(({ threshold, cell }) => cellMarks(cell, threshold, at, colour)),
              ];
            }),
        ),
        legend(
          theme,
          { left: loss.left + 110, top: loss.top - 12, width: loss.width - 60 },
          learningRates.map((rate, i) => ({ text: `lr ${shortNumber(rate)}`, colour: seriesColour(theme, i + 1) })),
        ),
      ];
    },
  );
}
