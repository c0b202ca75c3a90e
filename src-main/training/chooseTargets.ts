import type { TargetMatrix } from '../contract/model.ts';
import type { Targets } from '../contract/requests.schema.ts';
import { AppError } from '../util/appError.ts';

/**
 * The matrices that get an adapter, in the model's order.
 * @param layers numbers of the layers that are adapted; all where left out
 * @throws AppError SETTINGS_INVALID when a module or layer that is named is not in the model
 */
export function chooseTargets(
  all: readonly TargetMatrix[],
  targets: Targets,
  layers?: readonly number[],
): readonly TargetMatrix[] {
  const modules = new Set(all.map((matrix) => matrix.module));
  const unknown = targets === 'all' ? undefined : targets.find((module) => !modules.has(module));
  if (unknown !== undefined) {
    throw new AppError(
      'SETTINGS_INVALID',
      `The model has no module ${unknown} to adapt; choose among ${[...modules].join(', ')}.`,
    );
  }
  const inModel = new Set(all.map((matrix) => matrix.layer));
  const missing = layers?.find((layer) => !inModel.has(layer));
  if (missing !== undefined) {
    throw new AppError(
      'SETTINGS_INVALID',
      `The model has no layer ${missing} to adapt; its layers are 0 to ${Math.max(...inModel)}.`,
    );
  }
  return all.filter(
    ({ module, layer }) =>
      (targets === 'all' || targets.includes(module)) && (layers === undefined || layers.includes(layer)),
  );
}
