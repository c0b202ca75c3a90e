import type { Kernels } from '../../tensor/kernels.ts';
import type { TensorId } from '../../tensor/tensorId.ts';
import type { LowRankAdapter } from '../lowRank/lowRankAdapter.ts';
import { addGradient } from '../parameter.ts';

/**
 * Adds the gradients of weight · mean over all A and B of ‖A Aᵀ − I‖_F and ‖Bᵀ B − I‖_F. With D the matrix in the norm,
 * ∂‖D‖/∂A = 2 D A / ‖D‖ and ∂‖D‖/∂B = 2 B D / ‖D‖.
 */
export function addOrthogonalGradients(k: Kernels, adapters: readonly LowRankAdapter[], weight: number): void {
  if (weight === 0) return;
  const factor = (2 * weight) / (2 * adapters.length);
  for (const { A, B, rank } of adapters) {
    const ofA = excess(k, k.matMul(A.value, A.value, false, true), rank, factor);
    addGradient(k, A, k.matMul(k.take(ofA), A.value));
    const ofB = excess(k, k.matMul(B.value, B.value, true), rank, factor);
    addGradient(k, B, k.matMul(B.value, k.take(ofB)));
  }
}

/** factor · D / ‖D‖ with D = gram − I; 0 where D is. @param gram [r, r], consumed */
function excess(k: Kernels, gram: TensorId, rank: number, factor: number): TensorId {
  const identity = k.bandPart(k.take(k.fill([rank, rank], 1)), 0, 0);
  const difference = k.sub(k.take(gram), k.take(identity));
  const squared = k.scale(k.take(k.halfSquaredNorm(difference)), 2);
  // Far below any norm but 0, of which there is no direction.
  const inverse = k.rsqrt(k.take(k.shift(k.take(squared), 1e-30)));
  return k.mul(k.take(difference), k.take(k.scale(k.take(inverse), factor)));
}
