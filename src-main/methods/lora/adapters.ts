/**
 * LoRA: h = W0 x + (α / r) · B A x, B = 0 at the start.
 * Source: Hu et al. 2021 (arXiv 2106.09685); the start of A as in the authors' code and PEFT.
 */
import type { LoraConfig } from '../../contract/requests.schema.ts';
import type { Kernels } from '../../tensor/kernels.ts';
import type { Rng } from '../../util/rng.ts';
import { createLowRankAdapters } from '../lowRank/createLowRank.ts';
import { kaimingUniform } from '../lowRank/starts.ts';
import type { AdapterSet, PlannedMatrix } from '../types.ts';

/** @throws AppError CANCELLED */
export async function createLoraAdapters(
  kernels: Kernels,
  matrices: readonly PlannedMatrix[],
  config: LoraConfig,
  rng: Rng,
  signal: AbortSignal,
): Promise<AdapterSet> {
  return createLowRankAdapters(
    kernels,
    matrices,
    {
      name: 'lora',
      dropout: config.dropout,
      start: ({ rank, shape: [out, into] }) => ({
        A: kaimingUniform(rng, rank * into, into),
        B: new Float32Array(out * rank),
      }),
      settings: ({ rank }) => ({ scaling: config.alpha / rank }),
    },
    signal,
  );
}
