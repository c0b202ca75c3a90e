import { cumulativeSums, equalBudgetLoraRank, ranksFor, saraParameters } from '../contract/rank.ts';
import type { ThresholdRow } from '../contract/studies.ts';
import type { ThresholdStudy } from '../contract/studies.schema.ts';
import type { Analysis } from '../contract/analysis.ts';
import { requireArch } from '../models/openedModel.ts';
import { probedModel } from './probedModel.ts';
import { runGrid, type GridCells } from './probeGrid.ts';
import { spectraOf } from './spectraOf.ts';
import { mean } from './statistics.ts';
import type { FindingsOf, StudyFunction } from './study.ts';

/** Ranks and trainable parameters over the threshold m; held-out loss where a probe is given. */
export const threshold: StudyFunction<'threshold'> = async (settings, context, finish) =>
  probedModel(settings.model, context, async (bench, models) => {
    // Ranks need no forward pass, probes do.
    if (settings.probe !== undefined) requireArch(bench.model);
    const analysis = await spectraOf(bench.model, settings.targets, context);
    const findings = (cells: GridCells): FindingsOf<'threshold'> => ({
      rows: settings.thresholds.map((m, i) => ({ ...rankRow(analysis, settings, m), cells: cells[i] ?? [] })),
    });
    const { probe, seeds, method, targets, learningRates } = settings;
    if (probe === undefined) {
      context.counter.begin(0, 0);
      return finish(models, findings([]));
    }
    const probed = new Set(settings.probeThresholds ?? settings.thresholds);
    const groups = settings.thresholds.map((m) => ({
      label: `m = ${m}`,
      method: { ...method, threshold: m },
      learningRates: probed.has(m) ? learningRates : [],
      targets,
    }));
    const cells = await runGrid(bench, { groups, seeds, probe }, context, (partial) =>
      context.emit({ event: 'partial', result: finish(models, findings(partial)) }),
    );
    return finish(models, findings(cells));
  });

function rankRow(
  { matrices, parameters }: Analysis,
  { method }: ThresholdStudy,
  m: number,
): Omit<ThresholdRow, 'cells'> {
  const ranked = matrices.map((matrix) => ({ ...matrix, cumulative: cumulativeSums(matrix.singularValues) }));
  const ranks = ranksFor(ranked, { ...method, threshold: m });
  const trainable = matrices.reduce((sum, { shape }, i) => sum + saraParameters(shape, ranks[i] ?? 1), 0);
  const modules = [...new Set(matrices.map(({ module }) => module))];
  return {
    threshold: m,
    leastRank: Math.min(...ranks),
    meanRank: mean(ranks),
    mostRank: Math.max(...ranks),
    modules: modules.map((module) => ({
      module,
      meanRank: mean(ranks.filter((_, i) => matrices[i]?.module === module)),
    })),
    trainable,
    share: trainable / parameters,
    loraRank: equalBudgetLoraRank(
      matrices.map(({ shape }) => shape),
      trainable,
    ),
  };
}
