/** Marks that several figures share: a mean with its spread, and the words of a probe's settings. */
import type { ProbeSettings } from '../studies.schema.ts';
import type { ProbeCell } from '../studies.ts';
import { circle, line } from './svg.ts';

type Place = (x: number, y: number) => readonly [number, number];

/** Mean, whiskers of one standard deviation, and each seed as a small dot. */
export function cellMarks(cell: ProbeCell, x: number, at: Place, colour: string): string[] {
  const { mean, deviation, probes } = cell;
  const dots = probes.flatMap(({ loss }) => {
    if (loss === null) return [];
    const [px, py] = at(x, loss);
    return [circle(px, py, 2, { fill: colour, 'fill-opacity': 0.45 })];
  });
  if (mean === undefined) return dots;
  const [px, py] = at(x, mean);
  const spread = deviation ?? 0;
  const whisker = line(px, at(x, mean - spread)[1], px, at(x, mean + spread)[1], {
    stroke: colour,
    'stroke-width': 1.5,
  });
  return [...dots, ...(spread > 0 ? [whisker] : []), circle(px, py, 3.5, { fill: colour })];
}

/** All finite losses of cells, with the ends of their whiskers. */
export function lossesOf(cells: readonly ProbeCell[]): number[] {
  return cells.flatMap(({ mean, deviation = 0, probes }) => [
    ...probes.flatMap(({ loss }) => loss ?? []),
    ...(mean === undefined ? [] : [mean - deviation, mean + deviation]),
  ]);
}

/** What a probe was, for captions. */
export function probeWords(probe: ProbeSettings, seeds: readonly number[]): string {
  const rows = probe.batchSize * probe.accumulation;
  const file = probe.data.path.split(/[\\/]/).slice(-2).join('/');
  return (
    `Probes: ${probe.steps} steps of ${rows} rows of ${file}, ${probe.schedule} schedule; ` +
    `${seeds.length === 1 ? `seed ${seeds.join('')}` : `seeds ${seeds.join(', ')}; dots are seeds, whiskers one standard deviation`}.`
  );
}
