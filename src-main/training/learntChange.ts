import type { LearntChange } from '../contract/training.ts';
import type { Decoder } from '../decoder/decoder.ts';
import type { AdapterSet } from '../methods/types.ts';
import { macrotask } from '../util/macrotask.ts';
import { effectiveRank, productSingularValues } from './productSpectrum.ts';

/** ‖W0‖_F of every adapted matrix, by module path. */
export function baseNorms(decoder: Decoder, adapters: AdapterSet): Map<string, number> {
  const { kernels } = decoder;
  const norms = new Map<string, number>();
  for (const name of adapters.matrices.keys()) {
    const half = kernels.halfSquaredNorm(kernels.take(decoder.baseWeight(name)));
    norms.set(name, Math.sqrt(2 * kernels.scalar(half)));
    kernels.free(half);
  }
  return norms;
}

/**
 * How much each matrix has learnt: ‖ΔW‖_F relative to ‖W0‖_F, and over how many directions ΔW spreads. Worked out
 * from the factors of ΔW, which is never formed; matrices whose ΔW has no factors, or depends on the
 * input, are left out.
 * @throws AppError CANCELLED
 */
export async function learntChanges(
  decoder: Decoder,
  adapters: AdapterSet,
  norms: ReadonlyMap<string, number>,
  signal: AbortSignal,
): Promise<LearntChange[]> {
  const { kernels } = decoder;
  const changes: LearntChange[] = [];
  for (const [name, adapter] of adapters.matrices) {
    await macrotask(signal);
    const factors = adapter.mergeable ? adapter.factors() : undefined;
    if (factors === undefined) continue;
    const left = kernels.download(factors.left);
    const right = kernels.download(factors.right);
    kernels.free(factors.left, factors.right);
    const values = productSingularValues(left, right, left.length / adapter.matrix.shape[0]);
    const norm = Math.sqrt(values.reduce((sum, s) => sum + s * s, 0));
    const base = norms.get(name) ?? 0;
    changes.push({ name, relativeNorm: base > 0 ? norm / base : 0, effectiveRank: effectiveRank(values) });
  }
  return changes;
}
