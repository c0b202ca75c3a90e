import { analyse } from '../analysis/analyse.ts';
import type { Analysis } from '../contract/analysis.ts';
import type { Targets } from '../contract/requests.schema.ts';
import type { OpenedModel } from '../models/types.ts';
import { chooseTargets } from '../training/chooseTargets.ts';
import type { StudyContext } from './study.ts';

/**
 * Singular values of the matrices that targets name, from the cache where they are known.
 * @param only module path of the one matrix wanted; all where left out
 * @throws AppError SETTINGS_INVALID, TENSOR_INVALID, CANCELLED
 */
export async function spectraOf(
  model: OpenedModel,
  targets: Targets,
  { environment, emit, signal }: StudyContext,
  only?: string,
): Promise<Analysis> {
  const chosen = chooseTargets(model.summary.targets, targets);
  return analyse(
    {
      model,
      targets: only === undefined ? chosen : chosen.filter(({ name }) => name === only),
      kernels: async () => (await environment()).kernels,
      onMatrix: ({ done, total, matrix }) =>
        emit({ event: 'phase', phase: 'analysing', fraction: done / total, text: matrix.name }),
    },
    signal,
  );
}
