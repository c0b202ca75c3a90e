import type { MethodConfig } from '../contract/requests.schema.ts';
import { createAdapters } from '../methods/registry.ts';
import type { AdapterSet, AdapterTensor, MatrixFacts, PlannedMatrix } from '../methods/types.ts';
import type { Kernels } from '../tensor/kernels.ts';
import { AppError } from '../util/appError.ts';
import { Rng } from '../util/rng.ts';

/**
 * Adapters with the values of a checkpoint. Their start is made first and overwritten; of SARA's starts the one that
 * needs no singular values is taken.
 * @throws AppError CHECKPOINT_DAMAGED when the tensors do not fit the ranks, CANCELLED
 */
export async function restoreAdapters(
  kernels: Kernels,
  matrices: readonly PlannedMatrix[],
  method: MethodConfig,
  tensors: ReadonlyMap<string, AdapterTensor>,
  signal: AbortSignal,
): Promise<AdapterSet> {
  const start: MethodConfig = method.name === 'sara' ? { ...method, init: 'zero-lambda' } : method;
  const adapters = await createAdapters(kernels, matrices, start, noFacts, new Rng(0), signal);
  try {
    adapters.importState(tensors);
  } catch (error) {
    adapters.dispose();
    throw error;
  }
  return adapters;
}

const noFacts: MatrixFacts = {
  spectrum: () => undefined,
  singularVectors: ({ name }) =>
    Promise.reject(new AppError('INTERNAL', `Restoring the adapter of ${name} asked for its singular vectors.`)),
};
