import { cumulativeSums, ranksFor, saraParameters } from '../contract/rank.ts';
import type { TargetMatrix } from '../contract/model.ts';
import type { OpenedModel } from '../models/types.ts';
import { transposedMatrices } from '../models/transposed.ts';
import { storedShape } from '../analysis/readMatrix.ts';
import { AppError, throwIfCancelled } from '../util/appError.ts';
import { blockMeans } from './blockMeans.ts';
import { withModel } from './probedModel.ts';
import { spectraOf } from './spectraOf.ts';
import type { StudyFunction } from './study.ts';

/** One matrix: its values, its spectrum, the cut at m, the adapter's shape. */
export const overview: StudyFunction<'overview'> = async (settings, context, finish) =>
  withModel(settings.model, context, async (model, studied) => {
    const target = chooseMatrix(model, settings.matrix);
    context.counter.begin(1, 0);
    const { matrices } = await spectraOf(model, 'all', context, target.name);
    const values = matrices[0]?.singularValues ?? new Float32Array();
    // A rule by layer means the mean over its matrices; of one matrix alone that is its own.
    const [rank = 1] = ranksFor([{ ...target, cumulative: cumulativeSums(values) }], settings.rule);
    const image = await imageOf(model, target, settings.imageSize, context.signal);
    context.counter.computed();
    return finish([studied], {
      matrix: {
        ...target,
        singularValues: [...values],
        rank,
        trainable: saraParameters(target.shape, rank),
        weights: target.shape[0] * target.shape[1],
        image,
      },
    });
  });

function chooseMatrix({ summary: { targets, layers, name } }: OpenedModel, wanted: string | undefined): TargetMatrix {
  const found =
    wanted === undefined
      ? (targets.find(({ layer }) => layer === Math.floor(layers / 2)) ?? targets[0])
      : targets.find((target) => target.name === wanted);
  if (found !== undefined) return found;
  const known = targets.slice(0, 3).map((target) => target.name);
  throw new AppError(
    'SETTINGS_INVALID',
    wanted === undefined
      ? `The model ${name} has no weight matrix in a numbered layer; choose another model.`
      : `The model has no weight matrix ${wanted}; they are called ${known.join(', ')} and so on.`,
  );
}

async function imageOf(model: OpenedModel, target: TargetMatrix, largestSide: number, signal: AbortSignal) {
  const [rows, columns] = storedShape(model.source, target);
  const transposed = transposedMatrices(model.arch).has(target.name);
  return blockMeans([rows, columns], transposed, largestSide, async (from, count) => {
    throwIfCancelled(signal);
    return model.source.readRows(`${target.name}.weight`, from, count);
  });
}
