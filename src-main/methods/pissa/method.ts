/**
 * PiSSA: LoRA that starts from the r leading singular triples of W0 and trains them against the frozen rest,
 *
 *     h = (W0 − c · B₀ A₀) x + c · B A x,   A₀ = √(S_r / c) V_rᵀ,  B₀ = U_r √(S_r / c).
 *
 * Source: Meng et al. 2024 (arXiv 2404.02948). W0 itself stays as it is: what is added is ΔW = c · (B A − B₀ A₀), with
 * A₀ and B₀ kept beside A and B (see lowRankAdapter.ts). Dropout acts on the input of ΔW as a whole.
 */
import type { PissaConfig } from '../../contract/methods.schema.ts';
import { loraParameters } from '../../contract/rank.ts';
import { createLowRankAdapters } from '../lowRank/createLowRank.ts';
import { loraScaling } from '../lowRank/scaling.ts';
import type { LowRankStart } from '../lowRank/lowRankAdapter.ts';
import type { Method } from '../method.ts';
import { oneRank } from '../rankChoice.ts';
import type { MatrixFacts, PlannedMatrix } from '../types.ts';

export const pissa: Method<PissaConfig> = {
  needsSpectra: () => false,
  ranks: (matrices, { rank }) => oneRank(matrices, rank),
  countParameters: loraParameters,
  createAdapters: (kernels, matrices, config, facts, _rng, signal) =>
    createLowRankAdapters(
      kernels,
      matrices,
      {
        name: 'pissa',
        dropout: config.dropout,
        start: (planned) => principalStart(planned, scaling(config, planned), facts),
        settings: (planned) => ({ scaling: scaling(config, planned), fromStart: true }),
      },
      signal,
    ),
  cost: ({ rank, shape }) => ({ keptPerToken: rank, frozen: loraParameters(shape, rank) }),
  describe: ({ rank, alpha }) => `PiSSA, rank ${rank}, alpha ${alpha ?? rank}`,
};

function scaling({ alpha, rankStabilized }: PissaConfig, { rank }: PlannedMatrix): number {
  return alpha === undefined ? 1 : loraScaling(alpha, rank, rankStabilized);
}

async function principalStart(planned: PlannedMatrix, c: number, facts: MatrixFacts): Promise<LowRankStart> {
  const { rank } = planned;
  const { U, S, Vt } = await facts.singularVectors(planned, rank);
  const into = planned.shape[1];
  const roots = S.map((s) => Math.sqrt(s / c));
  return {
    A: Vt.map((value, i) => value * (roots[Math.floor(i / into)] ?? 0)),
    B: U.map((value, i) => value * (roots[i % rank] ?? 0)),
  };
}
