import type { MethodConfig } from '../contract/requests.schema.ts';
import type { Kernels } from '../tensor/kernels.ts';
import type { Rng } from '../util/rng.ts';
import { createLoraAdapters } from './lora/adapters.ts';
import { createSaraAdapters } from './sara/adapters.ts';
import type { AdapterSet, MatrixFacts, PlannedMatrix } from './types.ts';

/**
 * The adapters of a run at their start, where ΔW = 0.
 * @param matrices in the model's order, each with its rank
 * @param rng drawn from in that order; the same state gives the same adapters
 * @throws AppError CANCELLED
 */
export async function createAdapters(
  kernels: Kernels,
  matrices: readonly PlannedMatrix[],
  config: MethodConfig,
  facts: MatrixFacts,
  rng: Rng,
  signal: AbortSignal,
): Promise<AdapterSet> {
  switch (config.name) {
    case 'sara':
      return createSaraAdapters(kernels, matrices, config, facts, rng, signal);
    case 'lora':
      return createLoraAdapters(kernels, matrices, config, rng, signal);
  }
}
