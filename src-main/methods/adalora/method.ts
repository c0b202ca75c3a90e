/**
 * AdaLoRA: h = W0 x + c · P Λ Q x with P, Λ and Q trained, P and Q kept near orthogonal by a penalty, and those entries of
 * Λ set to 0 that matter least, until a budget of ranks is kept (rankAllocator.ts). Here P is `B`, Λ `lambda`, Q `A`.
 * Source: Zhang et al. 2023 (arXiv 2303.10512); start, scaling and order of things as in PEFT's AdaLoraModel:
 *
 *     c = α / (r + 10⁻⁵),   P, Q ~ N(0, 0.02²),   Λ = 0;   loss + γ · mean over P and Q of ‖Q Qᵀ − I‖_F, ‖Pᵀ P − I‖_F
 */
import type { AdaloraConfig } from '../../contract/methods.schema.ts';
import { saraParameters } from '../../contract/rank.ts';
import { AppError } from '../../util/appError.ts';
import { createLowRankAdapters } from '../lowRank/createLowRank.ts';
import { normal } from '../lowRank/starts.ts';
import type { Method } from '../method.ts';
import { oneRank } from '../rankChoice.ts';
import { budgetPhases } from './budget.ts';
import { RankAllocator } from './rankAllocator.ts';

const startDeviation = 0.02;

export const adalora: Method<AdaloraConfig> = {
  needsSpectra: () => false,
  ranks: (matrices, { initialRank }) => oneRank(matrices, initialRank),
  checkSteps,
  countParameters: saraParameters,
  createAdapters: (kernels, matrices, config, _facts, rng, signal) =>
    createLowRankAdapters(
      kernels,
      matrices,
      {
        name: 'adalora',
        dropout: config.dropout,
        start: ({ rank, shape: [out, into] }) => ({
          A: normal(rng, rank * into, startDeviation),
          lambda: new Float32Array(rank),
          B: normal(rng, out * rank, startDeviation),
        }),
        settings: ({ rank }) => ({ scaling: config.alpha / (rank + 1e-5), dropsZeros: true }),
        training: (adapters) => new RankAllocator(kernels, adapters, config),
      },
      signal,
    ),
  // x Aᵀ before and after λ; two importances of each parameter, and which triplets are kept.
  cost: ({ rank, shape }) => ({
    keptPerToken: 2 * rank,
    frozen: 0,
    trainingState: 2 * saraParameters(shape, rank) + rank,
  }),
  describe: ({ initialRank, targetRank, alpha }) =>
    `AdaLoRA, rank ${initialRank} brought to ${targetRank} on average, alpha ${alpha}`,
};

function checkSteps(config: AdaloraConfig, totalSteps: number): void {
  const { initialRank, targetRank } = config;
  if (targetRank > initialRank) {
    throw new AppError(
      'SETTINGS_INVALID',
      `AdaLoRA takes ranks away: a target rank of ${targetRank} is more than the ${initialRank} it starts from; lower the target rank or raise the initial rank.`,
    );
  }
  const { tinit, tfinal } = budgetPhases(config, totalSteps);
  if (tinit >= totalSteps - tfinal) {
    throw new AppError(
      'SETTINGS_INVALID',
      `AdaLoRA has no step left in which to take ranks away: ${tinit} at the beginning and ${tfinal} at the end, of ${totalSteps}; lower tinit or tfinal, or train for more steps.`,
    );
  }
}
