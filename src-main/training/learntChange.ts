import type { LearntChange } from '../contract/training.ts';
import type { Decoder } from '../decoder/decoder.ts';
import type { AdapterSet, MatrixAdapter } from '../methods/types.ts';
import { singularValues } from '../svd/singularValues.ts';
import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import { macrotask } from '../util/macrotask.ts';
import { effectiveRank, productSingularValues } from './productSpectrum.ts';

/** ‖W0‖_F of every adapted matrix, by module path. */
export function baseNorms(decoder: Decoder, adapters: AdapterSet): Map<string, number> {
  const { kernels } = decoder;
  const norms = new Map<string, number>();
  for (const name of adapters.matrices.keys()) {
    norms.set(name, normOf(kernels, decoder.baseWeight(name)));
  }
  return norms;
}

/**
 * How much each matrix has learnt: ‖ΔW‖_F relative to ‖W0‖_F, and over how many directions ΔW spreads. Worked out
 * from the factors of ΔW, which is never formed where it has any; matrices whose ΔW depends on the input are left out.
 * @param baseWeight W0 of a matrix, a new tensor
 * @throws AppError CANCELLED and what reading W0 throws
 */
export async function learntChanges(
  kernels: Kernels,
  adapters: AdapterSet,
  norms: ReadonlyMap<string, number>,
  baseWeight: (name: string) => Promise<TensorId>,
  signal: AbortSignal,
): Promise<LearntChange[]> {
  const changes: LearntChange[] = [];
  for (const [name, adapter] of adapters.matrices) {
    await macrotask(signal);
    if (!adapter.mergeable) continue;
    const base = norms.get(name) ?? 0;
    const relative = (norm: number): number => (base > 0 ? norm / base : 0);
    const factors = adapter.factors();
    if (factors === undefined) {
      const weight = await baseWeight(name);
      changes.push({ name, relativeNorm: relative(normOf(kernels, adapter.delta(weight))) });
      kernels.free(weight);
      continue;
    }
    const values = spectrumOf(kernels, adapter, factors);
    kernels.free(factors.left, factors.right);
    const norm = Math.sqrt(values.reduce((sum, s) => sum + s * s, 0));
    changes.push({ name, relativeNorm: relative(norm), effectiveRank: effectiveRank(values) });
  }
  return changes;
}

/** @param factors borrowed */
function spectrumOf(
  kernels: Kernels,
  { matrix, rank, orthonormalRight }: MatrixAdapter,
  factors: { readonly left: TensorId; readonly right: TensorId },
): Float64Array {
  // Ranks are in the hundreds there: the engine's kernels are far faster than the loops of the other way.
  if (orthonormalRight === true) {
    return Float64Array.from(singularValues(kernels, factors.left, [matrix.shape[0], rank]));
  }
  const left = kernels.download(factors.left);
  return productSingularValues(left, kernels.download(factors.right), left.length / matrix.shape[0]);
}

/** ‖a‖_F. @param a consumed */
function normOf(kernels: Kernels, a: TensorId): number {
  const half = kernels.halfSquaredNorm(kernels.take(a));
  const norm = Math.sqrt(2 * kernels.scalar(half));
  kernels.free(half);
  return norm;
}
