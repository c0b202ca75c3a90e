/**
 * LoRA: h = W0 x + c · B A x with c = α / r, B = 0 at the start; rsLoRA: c = α / √r.
 * Sources: Hu et al. 2021 (arXiv 2106.09685), the start of A as in the authors' code and PEFT; Kalajdzievski 2023
 * (arXiv 2312.03732). At SARA's budget, r is the largest rank for all matrices whose parameters, r Σ (d_out + d_in),
 * are not more than SARA's, Σ k (d_out + d_in + 1).
 */
import type { LoraConfig } from '../../contract/methods.schema.ts';
import { loraParameters } from '../../contract/rank.ts';
import { createLowRankAdapters } from '../lowRank/createLowRank.ts';
import { loraScaling } from '../lowRank/scaling.ts';
import { kaimingUniform } from '../lowRank/starts.ts';
import type { Method } from '../method.ts';
import { oneRank } from '../rankChoice.ts';

export const lora: Method<LoraConfig> = {
  needsSpectra: () => false,
  ranks: (matrices, { rank }) => oneRank(matrices, rank),
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
  describe: ({ rank, alpha, rankStabilized }) =>
    `${rankStabilized === true ? 'rsLoRA' : 'LoRA'}, rank ${rank}, alpha ${alpha}`,
};
