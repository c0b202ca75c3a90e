import { atEdge, bestOf } from '../ablationVerdict.ts';
import { formatCount } from '../format.ts';
import type { AblationResult, AblationRow } from '../studies.ts';
import { plot, sheet, shortNumber, textWidth } from './plot.ts';
import { lossesOf, probeWords } from './probeMarks.ts';
import { linearScale } from './scale.ts';
import { circle, label, line } from './svg.ts';
import { seriesColour, type FigureTheme } from './theme.ts';

const rowHeight = 26;

/** Each method at its best learning rate, the best on top: seeds, mean and spread. */
export function ablationFigure(result: AblationResult, theme: FigureTheme): string {
  const { rows, settings } = result;
  const shown = rows
    .filter((row) => bestOf(row) !== undefined)
    .sort((a, b) => (bestOf(a)?.mean ?? 0) - (bestOf(b)?.mean ?? 0));
  const families = [...new Set(rows.map(({ method }) => method.name))];
  const losses = lossesOf(shown.flatMap((row) => bestOf(row) ?? []));
  const names = Math.max(80, ...shown.map((row) => textWidth(row.label, 12)));
  return sheet(
    theme,
    {
      title: 'Methods at their best learning rates',
      subtitle: `${result.models[0]?.name ?? ''}, held-out loss, less is better`,
      caption:
        `Large dots are means. Right: the best learning rate of each method’s grid (an asterisk: the edge of the grid) and its trainable parameters. ${probeWords(settings.probe, settings.seeds)}` +
        (result.points.complete ? '' : ' Not complete yet.'),
      width: 960,
      height: 52 + rowHeight * shown.length,
    },
    (area) => {
      const own = {
        left: area.left + names + 16,
        top: area.top,
        width: area.width - names - 200,
        height: rowHeight * shown.length,
      };
      const place = {
        from: -0.5,
        to: shown.length - 0.5,
        place: (i: number) => 1 - (i + 0.5) / shown.length,
        ticks: [],
      };
      return [
        plot(
          theme,
          own,
          {
            heading: '',
            x: { scale: linearScale(losses), label: 'held-out loss, nats per token' },
            y: { scale: place, label: '' },
          },
          (at) => shown.flatMap((row, i) => marks(row, i, at, seriesColour(theme, families.indexOf(row.method.name)))),
        ),
        ...shown.flatMap((row, i) => {
          const y = own.top + (i + 0.5) * rowHeight + 4;
          const best = bestOf(row);
          const trainable = best?.probes[0]?.trainable;
          return [
            label(row.label, own.left - 12, y, { 'text-anchor': 'end' }),
            label(
              `lr ${shortNumber(best?.learningRate ?? NaN)}${atEdge(row) ? '*' : ''}`,
              own.left + own.width + 16,
              y,
              { fill: theme.muted },
            ),
            label(trainable === undefined ? '' : formatCount(trainable), own.left + own.width + 172, y, {
              fill: theme.muted,
              'text-anchor': 'end',
            }),
          ];
        }),
      ];
    },
  );
}

function marks(
  row: AblationRow,
  i: number,
  at: (x: number, y: number) => readonly [number, number],
  colour: string,
): string[] {
  const cell = bestOf(row);
  if (cell?.mean === undefined) return [];
  const spread = cell.deviation ?? 0;
  return [
    line(...at(cell.mean - spread, i), ...at(cell.mean + spread, i), { stroke: colour, 'stroke-width': 2 }),
    ...cell.probes.flatMap(({ loss }) =>
      loss === null ? [] : [circle(...at(loss, i), 2.5, { fill: colour, 'fill-opacity': 0.45 })],
    ),
    circle(...at(cell.mean, i), 4.5, { fill: colour }),
  ];
}
