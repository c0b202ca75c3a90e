/**
 * SARA: h = W0 x + c · B diag(λ) A x with A, λ and B trained, k chosen per matrix from its singular values.
 * Source: arXiv 2408.03290; the starts are this project's (see start.ts).
 */
import type { SaraConfig } from '../../contract/methods.schema.ts';
import { saraParameters } from '../../contract/rank.ts';
import { createLowRankAdapters } from '../lowRank/createLowRank.ts';
import type { Method } from '../method.ts';
import { describeRule, ranksByRule } from '../rankChoice.ts';
import { saraStart } from './start.ts';

export const sara: Method<SaraConfig> = {
  needsSpectra: () => true,
  ranks: ranksByRule,
  countParameters: saraParameters,
  createAdapters: (kernels, matrices, config, facts, rng, signal) =>
    createLowRankAdapters(
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
    ),
  // x Aᵀ before and after λ.
  cost: ({ rank }) => ({ keptPerToken: 2 * rank, frozen: 0 }),
  describe: (config) => `SARA (arXiv 2408.03290), ${describeRule(config)}, init ${config.init}`,
};
