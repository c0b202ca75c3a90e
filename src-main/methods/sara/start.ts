import type { SaraConfig } from '../../contract/methods.schema.ts';
import { AppError } from '../../util/appError.ts';
import type { Rng } from '../../util/rng.ts';
import type { LowRankStart } from '../lowRank/lowRankAdapter.ts';
import { kaimingUniform, normal } from '../lowRank/starts.ts';
import type { MatrixFacts, PlannedMatrix } from '../types.ts';

/**
 * Start values of one matrix; ΔW = 0 in each.
 * - zero-b: A Kaiming-uniform, B = 0, λ_i = s_i / s_1
 * - raw-lambda: the same with λ_i = s_i
 * - zero-lambda: A ~ N(0, 1/d_in), B ~ N(0, 1/k), λ = 0
 * - svd: A = V_kᵀ, B = U_k, λ = 0
 */
export async function saraStart(
  init: SaraConfig['init'],
  planned: PlannedMatrix,
  facts: MatrixFacts,
  rng: Rng,
): Promise<LowRankStart> {
  const { rank: k, shape } = planned;
  const [out, into] = shape;
  switch (init) {
    case 'zero-b':
    case 'raw-lambda':
      return {
        A: kaimingUniform(rng, k * into, into),
        B: new Float32Array(out * k),
        lambda: leadingSingularValues(planned, facts, init === 'zero-b'),
      };
    case 'zero-lambda':
      return {
        A: normal(rng, k * into, 1 / Math.sqrt(into)),
        B: normal(rng, out * k, 1 / Math.sqrt(k)),
        lambda: new Float32Array(k),
      };
    case 'svd': {
      const { U, Vt } = await facts.singularVectors(planned, k);
      return { A: Vt, B: U, lambda: new Float32Array(k) };
    }
  }
}

function leadingSingularValues(planned: PlannedMatrix, facts: MatrixFacts, normalised: boolean): Float32Array {
  const spectrum = facts.spectrum(planned.name);
  if (spectrum === undefined) {
    throw new AppError('INTERNAL', `The singular values of ${planned.name} were not computed.`);
  }
  const values = spectrum.singularValues.slice(0, planned.rank);
  const largest = values[0] ?? 0;
  // With B = 0 and λ = 0 no gradient would ever flow: an all-zero matrix starts like LoRA.
  if (!(largest > 0)) return values.fill(1);
  return normalised ? values.map((s) => s / largest) : values;
}
