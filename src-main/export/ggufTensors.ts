import type { GgufFamily } from '../models/families/family.ts';
import { ggufTensorName } from '../models/families/ggufNames.ts';
import { findFamily, findGgufFamily } from '../models/families/registry.ts';
import { inGgufLayout, type LaidOut } from '../models/gguf/layoutRows.ts';
import { requireArch } from '../models/openedModel.ts';
import type { OpenedModel } from '../models/types.ts';
import { AppError } from '../util/appError.ts';
import type { WeightRows } from './mergedWeights.ts';

/** A tensor under its GGUF name and in the layout of GGUF files. */
export interface GgufWeight extends LaidOut {
  readonly name: string;
}

/**
 * How the model’s family is stored in GGUF files.
 * @throws AppError FAMILY_UNSUPPORTED
 */
export function ggufFamilyOf(model: OpenedModel): GgufFamily {
  requireArch(model);
  const family = findFamily(model.summary.family) ?? findGgufFamily(model.summary.family);
  if (family !== undefined) return family.gguf;
  throw new AppError('FAMILY_UNSUPPORTED', `${model.summary.path} is of a family that GGUF files do not hold.`);
}

/**
 * Weights as a GGUF file holds them.
 * @throws AppError FAMILY_UNSUPPORTED for a tensor that the family has no name for
 */
export function weightsAsGguf(model: OpenedModel, weights: readonly WeightRows[]): GgufWeight[] {
  const family = ggufFamilyOf(model);
  const { heads: query, kvHeads: key } = requireArch(model);
  return weights.map(({ name, shape, readRows }) => {
    const place = ggufTensorName(family, name);
    if (place !== undefined)
      return { name: place.name, ...inGgufLayout(shape, readRows, place.layout, { query, key }) };
    // What came from a GGUF file under a name of its own goes back as it was.
    if (model.summary.format === 'gguf') return { name, shape, readRows };
    throw new AppError(
      'FAMILY_UNSUPPORTED',
      `${model.summary.path} holds the tensor ${name}, which GGUF files of its family have no place for; export a Hugging Face folder instead.`,
    );
  });
}
