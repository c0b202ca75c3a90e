/** Results of studies as plots with their tables. Pure but for the words. */
import type {
  AblationResult,
  ProbeCell,
  RelationResult,
  RobustnessResult,
  ScalingResult,
  StudyResult,
  ThresholdResult,
} from '../../../src-main/contract/studies.ts';
import type { Table } from '../../charts/csv.ts';
import type { PlotPoint, PlotSpec } from '../../charts/plot.ts';
import { compactCount, fixed } from '../../text/format.ts';
import { t } from '../../text/text.svelte.ts';
import { shareText } from '../ranks/rankTexts.ts';

/** One plot of a result. The same key means the same axes. */
export interface StudyPlot {
  readonly key: string;
  readonly title: string;
  readonly spec: PlotSpec;
  readonly table: () => Table;
  readonly summary: string;
}

/** The plots of a result as far as it goes; none for those that are maps or drawings alone. */
export function plotsOf(result: StudyResult): readonly StudyPlot[] {
  switch (result.study) {
    case 'overview':
      return [spectrumPlot(result.matrix.name, result.matrix.singularValues, result.matrix.rank)];
    case 'threshold':
      return thresholdPlots(result);
    case 'relation':
      return relationPlots(result);
    case 'robustness':
      return robustnessPlots(result);
    case 'scaling':
      return scalingPlots(result);
    case 'ablation':
      return [ratePlot('rates', result.rows)];
    case 'heads':
    case 'merged':
    case 'QVmerged':
      return [];
  }
}

const percentOf = (share: number): number => share * 100;
const writePercent = (value: number): string => String(Number(value.toPrecision(3)));
const writeLoss = (value: number): string => fixed(value, 3);
const rateText = (rate: number): string => (rate >= 1e-3 ? String(rate) : rate.toExponential());

const mAxis = () => ({ label: t('study.axis.m'), log: true, write: writePercent });
const lossAxis = () => ({ label: t('study.axis.loss'), write: writeLoss });

function digits(value: number | undefined | null): number | undefined {
  return value === undefined || value === null || !Number.isFinite(value) ? undefined : Number(value.toPrecision(6));
}

function pointsText(count: number): string {
  return t('study.summary.points', { count });
}

/** The mean of a cell as a point, with one standard deviation on both sides. */
function meanPoint(x: number, cell: ProbeCell, name: string): PlotPoint[] {
  const { mean, deviation } = cell;
  if (mean === undefined) return [];
  return [{ x, y: mean, name, ...(deviation === undefined ? {} : { low: mean - deviation, high: mean + deviation }) }];
}

/** Mean loss of the base model over the probes of some cells. */
function baseLevel(cells: readonly ProbeCell[]): PlotSpec['levels'] {
  const losses = cells.flatMap(({ probes }) => probes.map(({ baseLoss }) => baseLoss));
  if (losses.length === 0) return [];
  const y = losses.reduce((total, loss) => total + loss, 0) / losses.length;
  return [{ y, text: t('study.base', { loss: fixed(y) }) }];
}

/** Singular values on a log axis with the cut at k. */
export function spectrumPlot(name: string, singularValues: readonly number[], rank: number): StudyPlot {
  const points = singularValues.map((sigma, i) => ({
    x: i + 1,
    y: sigma,
    name: t('study.point.index', { index: i + 1 }),
  }));
  const total = singularValues.reduce((sum, sigma) => sum + sigma, 0);
  return {
    key: 'spectrum',
    title: t('study.plot.spectrum', { name }),
    spec: {
      x: { label: t('study.axis.index'), integers: true, include: [1], write: String },
      y: { label: t('study.axis.sigma'), log: true, write: (value) => String(Number(value.toPrecision(2))) },
      series: [{ key: 'sigma', label: t('study.series.sigma'), colour: 0, points, joined: true, unmarked: true }],
      cuts: [{ x: rank + 0.5, text: t('study.cut', { k: rank }) }],
    },
    table: () => {
      let reached = 0;
      return {
        columns: ['i', 'sigma', 'cumulative share', 'kept'],
        rows: singularValues.map((sigma, i) => {
          reached += sigma;
          return [i + 1, digits(sigma), digits(reached / (total || 1)), i < rank ? 1 : 0];
        }),
      };
    },
    summary: t('study.cut', { k: rank }),
  };
}

function thresholdPlots(result: ThresholdResult): readonly StudyPlot[] {
  const { rows } = result;
  const name = (threshold: number): string => t('study.point.m', { m: shareText(threshold) });
  const rates = [...new Set(rows.flatMap(({ cells }) => cells.map(({ learningRate }) => learningRate)))];
  const table = (): Table => ({
    columns: [
      'm',
      'least k',
      'mean k',
      'most k',
      'trainable',
      'share of model',
      'equal LoRA r',
      ...rates.flatMap((rate) => [`loss at ${rateText(rate)}`, `deviation at ${rateText(rate)}`]),
    ],
    rows: rows.map((row) => [
      row.threshold,
      row.leastRank,
      digits(row.meanRank),
      row.mostRank,
      row.trainable,
      digits(row.share),
      row.loraRank,
      ...rates.flatMap((rate) => {
        const cell = row.cells.find(({ learningRate }) => learningRate === rate);
        return [digits(cell?.mean), digits(cell?.deviation)];
      }),
    ]),
  });
  const summary = pointsText(rows.length);
  const ranks: PlotPoint[] = rows.map((row) => ({
    x: percentOf(row.threshold),
    y: row.meanRank,
    low: row.leastRank,
    high: row.mostRank,
    name: name(row.threshold),
  }));
  const trainable: PlotPoint[] = rows.map((row) => ({
    x: percentOf(row.threshold),
    y: row.trainable,
    name: name(row.threshold),
  }));
  const plots: StudyPlot[] = [
    {
      key: 'ranks',
      title: t('study.plot.ranks'),
      spec: {
        x: mAxis(),
        y: { label: t('study.axis.k'), log: true, write: (value) => String(Number(value.toPrecision(3))) },
        series: [{ key: 'k', label: t('study.series.meanK'), colour: 0, points: ranks, joined: true, band: true }],
      },
      table,
      summary,
    },
    {
      key: 'trainable',
      title: t('study.plot.trainable'),
      spec: {
        x: mAxis(),
        y: { label: t('study.axis.trainable'), log: true, write: compactCount },
        series: [{ key: 'trainable', label: t('study.axis.trainable'), colour: 2, points: trainable, joined: true }],
      },
      table,
      summary,
    },
  ];
  if (rates.length === 0) return plots;
  const series = rates.map((rate, colour) => ({
    key: String(rate),
    label: t('study.series.rate', { rate: rateText(rate) }),
    colour,
    joined: true,
    points: rows.flatMap((row) =>
      row.cells
        .filter(({ learningRate }) => learningRate === rate)
        .flatMap((cell) => meanPoint(percentOf(row.threshold), cell, name(row.threshold))),
    ),
  }));
  return [
    {
      key: 'loss',
      title: t('study.plot.loss'),
      spec: { x: mAxis(), y: lossAxis(), series, levels: baseLevel(rows.flatMap(({ cells }) => cells)) ?? [] },
      table,
      summary,
    },
    ...plots,
  ];
}

function relationPlots({ rows, correlations, settings }: RelationResult): readonly StudyPlot[] {
  const finished = rows.flatMap((row) => (row.gain === undefined ? [] : [{ ...row, gain: row.gain }]));
  const at = (x: (row: (typeof finished)[number]) => number): PlotPoint[] =>
    finished.map((row) => {
      const { deviation } = row.cell;
      return {
        x: x(row),
        y: row.gain,
        name: row.matrix ?? t('study.point.layer', { layer: row.layer }),
        ...(deviation === undefined ? {} : { low: row.gain - deviation, high: row.gain + deviation }),
      };
    });
  const table = (): Table => ({
    columns: ['layer', 'matrix', 'k', 'trainable', 'gain', 'deviation', 'seeds'],
    rows: rows.map((row) => [
      row.layer,
      row.matrix,
      digits(row.rank),
      row.trainable,
      digits(row.gain),
      digits(row.cell.deviation),
      row.cell.probes.length,
    ]),
  });
  const spearman = correlations?.spearman;
  const summary =
    spearman === undefined || correlations === undefined
      ? pointsText(finished.length)
      : t('study.correlation', {
          value: fixed(spearman.value, 2),
          low: fixed(spearman.low, 2),
          high: fixed(spearman.high, 2),
          rows: correlations.rows,
        });
  const label = t(settings.unit === 'matrix' ? 'study.series.matrices' : 'study.series.layers');
  const y = { label: t('study.axis.gain'), include: [0], write: writeLoss };
  return [
    {
      key: 'gain',
      title: t('study.plot.gain'),
      spec: {
        x: { label: t(settings.unit === 'matrix' ? 'study.axis.k' : 'study.axis.meanK'), write: writePercent },
        y,
        series: [{ key: 'gain', label, colour: 0, points: at(({ rank }) => rank) }],
      },
      table,
      summary,
    },
    {
      key: 'layers',
      title: t('study.plot.gainByLayer'),
      spec: {
        x: { label: t('study.axis.layer'), integers: true, write: String },
        y,
        series: [
          { key: 'gain', label, colour: 0, points: at(({ layer }) => layer), joined: settings.unit === 'layer' },
        ],
      },
      table,
      summary,
    },
  ];
}

interface Labelled {
  readonly label: string;
  readonly cells: readonly ProbeCell[];
}

function ratePlot(key: string, groups: readonly Labelled[]): StudyPlot {
  const cells = groups.flatMap((group) => group.cells);
  return {
    key,
    title: t('study.plot.spread'),
    spec: {
      x: { label: t('study.axis.rate'), log: true, write: rateText },
      y: lossAxis(),
      series: groups.map((group, colour) => ({
        key: group.label,
        label: group.label,
        colour,
        joined: true,
        // Six colours go round: the second round is dashed.
        dashed: colour >= 6,
        points: group.cells.flatMap((cell) =>
          meanPoint(cell.learningRate, cell, t('study.point.rate', { rate: rateText(cell.learningRate) })),
        ),
      })),
      levels: baseLevel(cells) ?? [],
    },
    table: () => ({
      columns: ['group', 'learning rate', 'trainable', 'seeds', 'mean loss', 'deviation', 'losses'],
      rows: groups.flatMap((group) =>
        group.cells.map((cell) => [
          group.label,
          cell.learningRate,
          cell.probes[0]?.trainable,
          cell.probes.length,
          digits(cell.mean),
          digits(cell.deviation),
          cell.probes.map(({ loss }) => (loss === null ? 'not finite' : fixed(loss, 4))).join(' '),
        ]),
      ),
    }),
    summary: pointsText(cells.length),
  };
}

function robustnessPlots({ groups, spreads }: RobustnessResult): readonly StudyPlot[] {
  const labelled = groups.map((group) => ({
    label: `${group.label}, ${shareText(group.fraction)}`,
    cells: group.cells,
  }));
  const labels = [...new Set(spreads.map(({ label }) => label))];
  return [
    ratePlot('rates', labelled),
    {
      key: 'fractions',
      title: t('study.plot.fractions'),
      spec: {
        x: { label: t('study.axis.fraction'), log: true, write: writePercent },
        y: lossAxis(),
        series: labels.map((label, colour) => ({
          key: label,
          label,
          colour,
          joined: true,
          points: spreads.flatMap((spread): PlotPoint[] => {
            if (spread.label !== label || spread.best === undefined) return [];
            const { mean, deviation, learningRate } = spread.best;
            const name = t('study.point.rate', { rate: rateText(learningRate) });
            const ends = deviation === undefined ? {} : { low: mean - deviation, high: mean + deviation };
            return [{ x: percentOf(spread.fraction), y: mean, name, ...ends }];
          }),
        })),
        levels: baseLevel(groups.flatMap(({ cells }) => cells)) ?? [],
      },
      table: () => ({
        columns: ['group', 'share of data', 'best learning rate', 'mean loss', 'deviation', 'between learning rates'],
        rows: spreads.map((spread) => [
          spread.label,
          spread.fraction,
          spread.best?.learningRate,
          digits(spread.best?.mean),
          digits(spread.best?.deviation),
          digits(spread.overLearningRates),
        ]),
      }),
      summary: pointsText(spreads.length),
    },
  ];
}

function scalingPlots({ rows, settings }: ScalingResult): readonly StudyPlot[] {
  const sorted = rows.toSorted((a, b) => a.model.parameters - b.model.parameters);
  const table = (): Table => ({
    columns: ['model', 'parameters', 'layers', 'hidden size', 'm', 'mean k', 'most k', 'trainable', 'share'],
    rows: sorted.flatMap((row) =>
      row.ranks.map((rank) => [
        row.model.name,
        row.model.parameters,
        row.layers,
        row.hiddenSize,
        rank.threshold,
        digits(rank.meanRank),
        rank.mostRank,
        rank.trainable,
        digits(rank.share),
      ]),
    ),
  });
  const x = { label: t('study.axis.parameters'), log: true, write: compactCount };
  const series = (value: (rank: ScalingResult['rows'][number]['ranks'][number]) => number) =>
    settings.thresholds.map((threshold, colour) => ({
      key: String(threshold),
      label: t('study.series.m', { m: shareText(threshold) }),
      colour,
      joined: true,
      points: sorted.flatMap((row) =>
        row.ranks
          .filter((rank) => rank.threshold === threshold)
          .map((rank) => ({ x: row.model.parameters, y: value(rank), name: row.model.name })),
      ),
    }));
  const summary = pointsText(sorted.length);
  return [
    {
      key: 'rank',
      title: t('study.plot.scalingRank'),
      spec: {
        x,
        y: { label: t('study.axis.meanK'), log: true, write: writePercent },
        series: series(({ meanRank }) => meanRank),
      },
      table,
      summary,
    },
    {
      key: 'share',
      title: t('study.plot.scalingShare'),
      spec: {
        x,
        y: { label: t('study.axis.share'), log: true, write: writePercent },
        series: series(({ share }) => percentOf(share)),
      },
      table,
      summary,
    },
  ];
}

/** Plots of two results on the same axes, so that they can be compared by eye. */
export function onSameAxes(plots: readonly StudyPlot[], other: readonly StudyPlot[]): readonly StudyPlot[] {
  return plots.map((plot) => {
    const twin = other.find(({ key }) => key === plot.key);
    if (twin === undefined) return plot;
    const points = twin.spec.series.flatMap((series) => series.points);
    const levels = twin.spec.levels ?? [];
    const { x, y } = plot.spec;
    return {
      ...plot,
      spec: {
        ...plot.spec,
        x: { ...x, include: [...(x.include ?? []), ...points.map((point) => point.x)] },
        y: {
          ...y,
          include: [
            ...(y.include ?? []),
            ...points.flatMap((point) => [point.y, point.low ?? point.y, point.high ?? point.y]),
            ...levels.map((level) => level.y),
          ],
        },
      },
    };
  });
}

export type BestRow = Readonly<Record<'label' | 'rate' | 'loss' | 'seeds' | 'trainable', string>>;

/** The best learning rate of each method, the lowest loss first; methods without a finished cell come last. */
export function bestRows({ rows }: AblationResult): readonly BestRow[] {
  const best = rows.map((row) => ({ row, cell: row.best === undefined ? undefined : row.cells[row.best] }));
  return best
    .toSorted((a, b) => (a.cell?.mean ?? Infinity) - (b.cell?.mean ?? Infinity))
    .map(({ row, cell }) => ({
      label: row.label,
      rate: cell === undefined ? '—' : rateText(cell.learningRate),
      loss: cell?.mean === undefined ? '—' : lossText(cell.mean, cell.deviation),
      seeds: String(cell?.probes.length ?? 0),
      trainable: compactCount(cell?.probes[0]?.trainable ?? NaN),
    }));
}

function lossText(mean: number, deviation: number | undefined): string {
  return deviation === undefined
    ? fixed(mean, 4)
    : t('study.lossSpread', { mean: fixed(mean, 4), deviation: fixed(deviation, 4) });
}
