/**
 * SARA: h = W0 x + c · B diag(λ) A x with A, λ and B trained, k chosen per matrix from its singular values.
 * Source: arXiv 2408.03290; the starts are this project's (see start.ts).
 */
import type { SaraConfig } from '../../contract/requests.schema.ts';
import type { Kernels } from '../../tensor/kernels.ts';
import type { Rng } from '../../util/rng.ts';
import { createLowRankAdapters } from '../lowRank/createLowRank.ts';
import type { AdapterSet, MatrixFacts, PlannedMatrix } from '../types.ts';
import { saraStart } from './start.ts';

/** @throws AppError CANCELLED and what the facts throw */
export async function createSaraAdapters(
  kernels: Kernels,
  matrices: readonly PlannedMatrix[],
  config: SaraConfig,
  facts: MatrixFacts,
  rng: Rng,
  signal: AbortSignal,
): Promise<AdapterSet> {
  return createLowRankAdapters(
    kernels,
    matrices,
    {
      name: 'sara',
      dropout: config.dropout,
      start: (planned) => saraStart(config.init, planned, facts, rng),
      settings: () => ({
        scaling: config.scaling,
        lambdaLearningRateMultiplier: config.lambdaLearningRateMultiplier,
      }),
    },
    signal,
  );
}
