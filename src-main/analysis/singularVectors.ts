import type { TargetMatrix } from '../contract/model.ts';
import { linearsOf } from '../models/families/family.ts';
import type { OpenedModel } from '../models/types.ts';
import { truncatedSvd, type TruncatedSvd } from '../svd/truncatedSvd.ts';
import type { Kernels } from '../tensor/kernels.ts';
import { loadMatrix } from './readMatrix.ts';

/**
 * U_k [d_out, k], S_k and V_kᵀ [k, d_in] of a target matrix, read from the model's files.
 * @throws AppError TENSOR_MISSING, TENSOR_INVALID, CANCELLED
 */
export async function singularVectors(
  kernels: Kernels,
  model: OpenedModel,
  matrix: TargetMatrix,
  k: number,
  signal: AbortSignal,
): Promise<TruncatedSvd> {
  const { tensor } = await loadMatrix(kernels, model.source, matrix, signal);
  const W = isTransposed(model, matrix) ? kernels.transpose(kernels.take(tensor), [1, 0]) : tensor;
  try {
    return truncatedSvd(kernels, W, matrix.shape, k);
  } finally {
    kernels.free(W);
  }
}

/** Whether the weight is stored [d_in, d_out], as GPT-2's Conv1D is. */
function isTransposed({ arch, source }: OpenedModel, { name, shape, layer }: TargetMatrix): boolean {
  const spec = arch?.layers[layer];
  if (spec !== undefined) return linearsOf(spec).find((linear) => linear.name === name)?.transposed ?? false;
  return source.tensors.get(`${name}.weight`)?.shape[0] !== shape[0];
}
