/**
 * Mo-SARA: only n parallel sets of singular values λ_i, mixed for every token by a router, are trained,
 *
 *     z = V_kᵀ x                              [k]
 *     g = softmax(R(z))                       [n]  in float32, over all n sets
 *     h = W0 x + c · diag(v) U_k diag(Σ_i g_i λ_i) z
 *
 * with U_k and V_k frozen, from the singular value decomposition of W0. R(z) = W_g z with W_g [n, k], or W₂ (w₁ᵀ z) with
 * w₁ [k] and W₂ [n]; v [d_out] is trained, or 1. Dropout, if any, acts on x on its way to z.
 * Source: arXiv 2408.03290 for the sets, their router and that nothing else is trained; the forms of router and output,
 * the starts and the scaling c are this project's (see start.ts).
 */
import type { MosaraConfig } from '../../contract/methods.schema.ts';
import { loraParameters, mosaraParameters } from '../../contract/rank.ts';
import { macrotask } from '../../util/macrotask.ts';
import type { Method } from '../method.ts';
import { describeRule, ranksByRule } from '../rankChoice.ts';
import { MosaraAdapter } from './mosaraAdapter.ts';
import { MosaraAdapters } from './mosaraAdapters.ts';
import { mosaraStart } from './start.ts';

export const mosara: Method<MosaraConfig> = {
  needsSpectra: () => true,
  ranks: ranksByRule,
  countParameters: mosaraParameters,
  async createAdapters(kernels, matrices, config, facts, rng, signal) {
    const adapters: MosaraAdapter[] = [];
    const set = (): MosaraAdapters => new MosaraAdapters(kernels, adapters, config);
    try {
      for (const planned of matrices) {
        await macrotask(signal);
        const start = mosaraStart(config, planned, await facts.singularVectors(planned, planned.rank), rng);
        adapters.push(new MosaraAdapter(kernels, planned, start, config.scaling));
      }
    } catch (error) {
      set().dispose();
      throw error;
    }
    return set();
  },
  // z and the gates; U_k and V_k.
  cost: ({ rank, shape }, { sets }) => ({ keptPerToken: rank + sets, frozen: loraParameters(shape, rank) }),
  describe: (config) =>
    `Mo-SARA (arXiv 2408.03290), ${describeRule(config)}, ${config.sets} sets, router ${config.router}, output ${config.output}`,
};
