import type { MatrixFacts } from '../methods/types.ts';
import { archWeights, weightSize, type ModelWeight } from '../models/archWeights.ts';
import { requireArch } from '../models/openedModel.ts';
import type { OpenedModel } from '../models/types.ts';
import type { Kernels } from '../tensor/kernels.ts';
import { uploadMatrix, uploadVector } from '../tensor/uploadWeight.ts';
import { AppError } from '../util/appError.ts';
import { macrotask } from '../util/macrotask.ts';

/** Tensors are saved in one piece, which may not be larger. */
const largestBytes = 2 ** 30;

/**
 * Tensors of a model as float32, to be trained.
 * @throws AppError OUT_OF_MEMORY for one of 1 GiB or more; TENSOR_MISSING, TENSOR_INVALID, CANCELLED
 */
export async function loadModelWeights(
  kernels: Kernels,
  model: OpenedModel,
  selected: (weight: ModelWeight) => boolean,
  signal: AbortSignal,
): ReturnType<MatrixFacts['modelWeights']> {
  const chosen = archWeights(requireArch(model)).filter(selected);
  const tooLarge = chosen.find((weight) => 4 * weightSize(weight) >= largestBytes);
  if (tooLarge !== undefined) {
    throw new AppError(
      'OUT_OF_MEMORY',
      `${tooLarge.name} has a GiB or more and is too large to be trained itself; train an adapter, or leave the embeddings out of full fine-tuning.`,
    );
  }
  const loaded: Awaited<ReturnType<MatrixFacts['modelWeights']>>[number][] = [];
  try {
    for (const weight of chosen) {
      await macrotask(signal);
      loaded.push({ ...weight, value: await load(kernels, model, weight, signal) });
    }
  } catch (error) {
    kernels.free(...loaded.map(({ value }) => value));
    throw error;
  }
  return loaded;
}

async function load(kernels: Kernels, { source }: OpenedModel, weight: ModelWeight, signal: AbortSignal) {
  const { name, shape, transposed } = weight;
  const [rows = 0, columns] = shape;
  if (columns === undefined) return uploadVector(kernels, source, name, rows);
  return uploadMatrix(kernels, source, name, [rows, columns], transposed, signal);
}
