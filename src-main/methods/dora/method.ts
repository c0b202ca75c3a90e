/**
 * DoRA: h = m ⊙ (W0 + c · B A) x / ‖W0 + c · B A‖ with the norm of each row of the sum, and its length m, A and B
 * trained; c = α / r. The norm follows A and B, but counts as constant in the gradient.
 * Source: Liu et al. 2024 (arXiv 2402.09353, section 4.3); dropout as in PEFT's DoraLinearLayer.
 */
import type { DoraConfig } from '../../contract/methods.schema.ts';
import { loraParameters } from '../../contract/rank.ts';
import type { Rng } from '../../util/rng.ts';
import { macrotask } from '../../util/macrotask.ts';
import type { Kernels } from '../../tensor/kernels.ts';
import { MethodAdapters } from '../adapterSet.ts';
import { loraScaling } from '../lowRank/scaling.ts';
import { kaimingUniform } from '../lowRank/starts.ts';
import type { Method } from '../method.ts';
import { oneRank } from '../rankChoice.ts';
import type { AdapterSet, MatrixFacts, PlannedMatrix } from '../types.ts';
import { DoraAdapter } from './doraAdapter.ts';
import { DoraLinear } from './doraLinear.ts';

export const dora: Method<DoraConfig> = {
  needsSpectra: () => false,
  ranks: (matrices, { rank }) => oneRank(matrices, rank),
  countParameters: (shape, rank) => loraParameters(shape, rank) + shape[0],
  createAdapters,
  // A x, and what is multiplied with the lengths.
  cost: ({ rank, shape: [out] }) => ({ keptPerToken: rank + out, frozen: out }),
  describe: ({ rank, alpha, rankStabilized }) =>
    `DoRA, rank ${rank}, alpha ${alpha}${rankStabilized === true ? ', scaled by √rank' : ''}`,
};

async function createAdapters(
  kernels: Kernels,
  matrices: readonly PlannedMatrix[],
  config: DoraConfig,
  facts: MatrixFacts,
  rng: Rng,
  signal: AbortSignal,
): Promise<AdapterSet> {
  const adapters: DoraAdapter[] = [];
  const set = (): AdapterSet =>
    new MethodAdapters(
      kernels,
      'dora',
      adapters,
      (bases, group, index) => new DoraLinear(kernels, bases, group, config.dropout, index),
    );
  try {
    for (const planned of matrices) {
      await macrotask(signal);
      const { rank, shape } = planned;
      adapters.push(
        new DoraAdapter(kernels, planned, loraScaling(config.alpha, rank, config.rankStabilized), {
          A: kaimingUniform(rng, rank * shape[1], shape[1]),
          norms: await facts.rowNorms(planned),
        }),
      );
    }
  } catch (error) {
    set().dispose();
    throw error;
  }
  return set();
}
