import type { MethodConfig } from '../contract/methods.schema.ts';
import { blankFacts } from '../methods/blankFacts.ts';
import { methodOf } from '../methods/registry.ts';
import type { AdapterSet, AdapterTensor, MatrixFacts, PlannedMatrix } from '../methods/types.ts';
import type { Kernels } from '../tensor/kernels.ts';
import { Rng } from '../util/rng.ts';

/**
 * Adapters with the values of a checkpoint. A start is made first, from placeholders, and overwritten.
 * @throws AppError CHECKPOINT_DAMAGED when the tensors do not fit the ranks, CANCELLED
 */
export async function restoreAdapters(
  kernels: Kernels,
  matrices: readonly PlannedMatrix[],
  method: MethodConfig,
  tensors: ReadonlyMap<string, AdapterTensor>,
  signal: AbortSignal,
): Promise<AdapterSet> {
  const facts: MatrixFacts = {
    ...blankFacts(matrices),
    // The file holds what was trained, and nothing else.
    modelWeights: async () => {
      const list = [...tensors].map(([name, { shape }]) => ({ name, shape, value: kernels.fill(shape, 0) }));
      return Promise.resolve(list);
    },
  };
  const adapters = await methodOf(method).createAdapters(kernels, matrices, method, facts, new Rng(0), signal);
  try {
    adapters.importState(tensors);
  } catch (error) {
    adapters.dispose();
    throw error;
  }
  return adapters;
}
