import { cumulativeSums, ranksFor, saraParameters } from '../contract/rank.ts';
import type { ScalingRow, StudiedModel } from '../contract/studies.ts';
import type { ScalingStudy } from '../contract/studies.schema.ts';
import { withModel } from './probedModel.ts';
import { spectraOf } from './spectraOf.ts';
import { mean } from './statistics.ts';
import type { StudyContext, StudyFunction } from './study.ts';

/** k and trainable share against the size of models. Their spectra stay in the cache of analyses. */
export const scaling: StudyFunction<'scaling'> = async (settings, context, finish) => {
  context.counter.begin(settings.models.length, 0);
  const rows: ScalingRow[] = [];
  const result = () =>
    finish(
      rows.map(({ model }) => model),
      { rows: [...rows].sort((a, b) => a.model.parameters - b.model.parameters) },
    );
  for (const path of settings.models) {
    rows.push(await withModel(path, context, (model, studied) => rowOf(model, studied, settings, context)));
    context.counter.computed({ text: path });
    context.emit({ event: 'partial', result: result() });
  }
  return result();
};

async function rowOf(
  model: Parameters<typeof spectraOf>[0],
  studied: StudiedModel,
  { targets, rule, thresholds }: ScalingStudy,
  context: StudyContext,
): Promise<ScalingRow> {
  const { matrices, parameters } = await spectraOf(model, targets, context);
  const ranked = matrices.map((matrix) => ({ ...matrix, cumulative: cumulativeSums(matrix.singularValues) }));
  return {
    model: studied,
    layers: model.summary.layers,
    hiddenSize: model.summary.hiddenSize,
    ranks: thresholds.map((threshold) => {
      const ranks = ranksFor(ranked, { ...rule, threshold });
      const trainable = matrices.reduce((sum, { shape }, i) => sum + saraParameters(shape, ranks[i] ?? 1), 0);
      return {
        threshold,
        meanRank: mean(ranks),
        mostRank: Math.max(...ranks),
        trainable,
        share: trainable / parameters,
      };
    }),
  };
}
