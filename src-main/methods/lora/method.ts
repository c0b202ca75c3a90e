/**
 * LoRA: h = W0 x + c · B A x with c = α / r, B = 0 at the start; rsLoRA: c = α / √r.
 * Sources: Hu et al. 2021 (arXiv 2106.09685), the start of A as in the authors' code and PEFT; Kalajdzievski 2023
 * (arXiv 2312.03732). At SARA's budget, r is the largest rank for all matrices whose parameters, r Σ (d_out + d_in),
 * are not more than SARA's, Σ k (d_out + d_in + 1).
 */
import type { LoraConfig, RankRuleConfig } from '../../contract/methods.schema.ts';
import type { TargetMatrix } from '../../contract/model.ts';
import { equalBudgetLoraRank, loraParameters, saraParameters } from '../../contract/rank.ts';
import { createLowRankAdapters } from '../lowRank/createLowRank.ts';
import { loraScaling } from '../lowRank/scaling.ts';
import { kaimingUniform } from '../lowRank/starts.ts';
import type { Method, Spectra } from '../method.ts';
import { describeRule, oneRank, ranksByRule } from '../rankChoice.ts';

export const lora: Method<LoraConfig> = {
  needsSpectra: ({ budget }) => budget !== undefined,
  ranks: (matrices, { rank, budget }, spectra) =>
    oneRank(matrices, budget === undefined ? rank : rankAtBudget(matrices, budget, spectra)),
  countParameters: loraParameters,
  createAdapters: (kernels, matrices, config, _facts, rng, signal) =>
    createLowRankAdapters(
      kernels,
      matrices,
      {
        name: 'lora',
        dropout: config.dropout,
        start: ({ rank, shape: [out, into] }) => ({
          A: kaimingUniform(rng, rank * into, into),
          B: new Float32Array(out * rank),
        }),
        settings: ({ rank }) => ({ scaling: loraScaling(config.alpha, rank, config.rankStabilized) }),
      },
      signal,
    ),
  cost: ({ rank }) => ({ keptPerToken: rank, frozen: 0 }),
  describe: ({ rank, alpha, rankStabilized, budget }) => {
    const size = budget === undefined ? `rank ${rank}` : `as many parameters as SARA with ${describeRule(budget)}`;
    return `${rankStabilized === true ? 'rsLoRA' : 'LoRA'}, ${size}, alpha ${alpha}`;
  },
};

/** The rank at SARA's budget by a rank rule. */
function rankAtBudget(matrices: readonly TargetMatrix[], rule: RankRuleConfig, spectra: Spectra): number {
  const ranks = ranksByRule(matrices, rule, spectra);
  const budget = matrices.reduce((total, { shape }, i) => total + saraParameters(shape, ranks[i] ?? 1), 0);
  return equalBudgetLoraRank(
    matrices.map(({ shape }) => shape),
    budget,
  );
}
