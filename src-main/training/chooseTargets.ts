import type { TargetMatrix } from '../contract/model.ts';
import type { Targets } from '../contract/requests.schema.ts';
import { AppError } from '../util/appError.ts';

/**
 * The matrices that get an adapter, in the model's order.
 * @throws AppError SETTINGS_INVALID when a module that is named is not in the model
 */
export function chooseTargets(all: readonly TargetMatrix[], targets: Targets): readonly TargetMatrix[] {
  if (targets === 'all') return all;
  const modules = new Set(all.map((matrix) => matrix.module));
  const unknown = targets.find((module) => !modules.has(module));
  if (unknown !== undefined) {
    throw new AppError(
      'SETTINGS_INVALID',
      `The model has no module ${unknown} to adapt; choose among ${[...modules].join(', ')}.`,
    );
  }
  return all.filter((matrix) => targets.includes(matrix.module));
}
