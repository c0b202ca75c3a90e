import { cumulativeSums, ranksFor, saraParameters } from '../contract/rank.ts';
import type { MatrixSpectrum } from '../contract/analysis.ts';
import type { RelationResult, RelationRow } from '../contract/studies.ts';
import { requireArch } from '../models/openedModel.ts';
import { probedModel } from './probedModel.ts';
import { runGrid, type GridCells, type ProbeGroup } from './probeGrid.ts';
import { spectraOf } from './spectraOf.ts';
import { bootstrapInterval, fisherInterval, kendall, mean, pearson, spearman } from './statistics.ts';
import type { FindingsOf, StudyFunction } from './study.ts';

interface Unit {
  readonly label: string;
  readonly layer: number;
  readonly matrix?: string;
  readonly module?: string;
  readonly rank: number;
  readonly trainable: number;
}

/** One layer, or one matrix, adapted at a time: what it gains on held-out rows against its k. */
export const relation: StudyFunction<'relation'> = async (settings, context, finish) =>
  probedModel(settings.model, context, async (bench, models) => {
    const { method, targets, seeds, probe, learningRate } = settings;
    requireArch(bench.model);
    const { matrices } = await spectraOf(bench.model, targets, context);
    const ranks = ranksFor(
      matrices.map((matrix) => ({ ...matrix, cumulative: cumulativeSums(matrix.singularValues) })),
      method,
    );
    const units = settings.unit === 'matrix' ? unitsByMatrix(matrices, ranks) : unitsByLayer(matrices, ranks);
    const groups = units.map(({ label, layer, module }): ProbeGroup => ({
      label,
      method,
      learningRates: [learningRate],
      targets: module === undefined ? targets : [module],
      layers: [layer],
    }));
    const findings = (cells: GridCells): FindingsOf<'relation'> => {
      const rows = units.map((unit, i) => rowOf(unit, cells[i]));
      const correlations = correlationsOf(rows);
      return { rows, ...(correlations === undefined ? {} : { correlations }) };
    };
    const cells = await runGrid(bench, { groups, seeds, probe }, context, (partial) =>
      context.emit({ event: 'partial', result: finish(models, findings(partial)) }),
    );
    return finish(models, findings(cells));
  });

function unitsByMatrix(matrices: readonly MatrixSpectrum[], ranks: readonly number[]): Unit[] {
  return matrices.map(({ name, layer, module, shape }, i) => {
    const rank = ranks[i] ?? 1;
    return { label: name, layer, matrix: name, module, rank, trainable: saraParameters(shape, rank) };
  });
}

function unitsByLayer(matrices: readonly MatrixSpectrum[], ranks: readonly number[]): Unit[] {
  const layers = [...new Set(matrices.map(({ layer }) => layer))];
  return layers.map((layer) => {
    const own = unitsByMatrix(matrices, ranks).filter((unit) => unit.layer === layer);
    return {
      label: `layer ${layer}`,
      layer,
      rank: mean(own.map(({ rank }) => rank)),
      trainable: own.reduce((sum, { trainable }) => sum + trainable, 0),
    };
  });
}

function rowOf({ layer, matrix, rank, trainable }: Unit, cells: GridCells[number] | undefined): RelationRow {
  const cell = cells?.[0] ?? { learningRate: NaN, probes: [], missing: 0 };
  const gains = cell.probes.map(({ baseLoss, loss }) => (loss === null ? NaN : baseLoss - loss));
  const gain = mean(gains);
  return {
    layer,
    ...(matrix === undefined ? {} : { matrix }),
    rank,
    trainable,
    ...(Number.isFinite(gain) ? { gain } : {}),
    cell,
  };
}

function correlationsOf(rows: readonly RelationRow[]): RelationResult['correlations'] {
  const measured = rows.filter((row): row is RelationRow & { gain: number } => row.gain !== undefined);
  const ranks = measured.map(({ rank }) => rank);
  const gains = measured.map(({ gain }) => gain);
  const r = pearson(ranks, gains);
  if (measured.length < 4 || !Number.isFinite(r)) return undefined;
  return {
    spearman: bootstrapInterval(ranks, gains, spearman),
    pearson: fisherInterval(r, measured.length),
    kendall: bootstrapInterval(ranks, gains, kendall),
    rows: measured.length,
  };
}
