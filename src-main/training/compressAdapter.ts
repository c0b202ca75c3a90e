import type { LoraConfig } from '../contract/methods.schema.ts';
import type { CompressedMatrix } from '../contract/results.ts';
import { cumulativeSums, loraParameters, rankFor } from '../contract/rank.ts';
import type { AdapterSet, AdapterTensor, MatrixAdapter } from '../methods/types.ts';
import { productSvd, type ProductSvd } from '../svd/productSvd.ts';
import type { Kernels } from '../tensor/kernels.ts';
import { AppError } from '../util/appError.ts';
import { macrotask } from '../util/macrotask.ts';

/** ΔW of one matrix, taken apart. */
export interface DecomposedDelta extends ProductSvd {
  readonly matrix: MatrixAdapter['matrix'];
  /** Rank that it is stored at. */
  readonly storedRank: number;
  /** Σ σ² of the leading values, [p]. */
  readonly energy: Float64Array;
}

/**
 * The singular values and vectors of every ΔW, from its factors.
 * @throws AppError NOT_MERGEABLE where a ΔW is no product of two small matrices; CANCELLED
 */
export async function decomposeAdapters(
  kernels: Kernels,
  adapters: AdapterSet,
  onProgress: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<DecomposedDelta[]> {
  const all = [...adapters.matrices.values()];
  const decomposed: DecomposedDelta[] = [];
  for (const adapter of all) {
    await macrotask(signal);
    decomposed.push(decompose(kernels, adapter));
    onProgress(decomposed.length, all.length);
  }
  return decomposed;
}

function decompose(kernels: Kernels, adapter: MatrixAdapter): DecomposedDelta {
  const { matrix } = adapter;
  const factors = adapter.factors();
  if (factors === undefined) {
    throw new AppError(
      'NOT_MERGEABLE',
      `The change of ${matrix.name} is a full matrix, not a product of two small ones, so it has no adapter to cut; export the run as it is.`,
    );
  }
  const { left, right } = factors;
  try {
    const svd = productSvd(kernels, left, right);
    const storedRank = kernels.download(left).length / matrix.shape[0];
    return { ...svd, matrix, storedRank, energy: cumulativeSums(svd.S).energy };
  } finally {
    kernels.free(left, right);
  }
}

/** An adapter of plain products B A, each of the rank at which its ΔW reaches the energy. */
export interface CutAdapter {
  readonly matrices: readonly CompressedMatrix[];
  readonly parameters: number;
  readonly method: LoraConfig;
  /** State of an adapter set of that method. */
  readonly tensors: ReadonlyMap<string, AdapterTensor>;
}

/** @param energy share of Σσ² of each ΔW to be kept, 0 < energy ≤ 1 */
export function cutAdapters(deltas: readonly DecomposedDelta[], energy: number): CutAdapter {
  const matrices = deltas.map(({ matrix, storedRank, energy: sums }): CompressedMatrix => {
    const newRank = rankFor(sums, energy);
    const total = sums.at(-1) ?? 0;
    const kept = total > 0 ? (sums[newRank - 1] ?? total) / total : 1;
    return { ...matrix, oldRank: storedRank, newRank, kept };
  });
  // LoRA multiplies by alpha / rank; with its inverse folded into B, ΔW = B A exactly as cut.
  const alpha = Math.max(1, ...matrices.map(({ newRank }) => newRank));
  const tensors = new Map<string, AdapterTensor>();
  deltas.forEach((delta, i) => {
    const rank = matrices[i]?.newRank ?? 1;
    const { A, B } = balanced(delta, rank, rank / alpha);
    tensors.set(`${delta.matrix.name}.A`, { shape: [rank, delta.matrix.shape[1]], data: A });
    tensors.set(`${delta.matrix.name}.B`, { shape: [delta.matrix.shape[0], rank], data: B });
  });
  return {
    matrices,
    parameters: matrices.reduce((sum, { shape, newRank }) => sum + loraParameters(shape, newRank), 0),
    method: { name: 'lora', rank: alpha, alpha, dropout: 0 },
    tensors,
  };
}

/** A = √S Vᵀ and B = factor · U √S of the leading triplets. */
function balanced({ U, S, Vt, matrix }: DecomposedDelta, rank: number, factor: number) {
  const into = matrix.shape[1];
  const roots = Float64Array.from(S.subarray(0, rank), Math.sqrt);
  const A = Vt.slice(0, rank * into).map((value, i) => value * (roots[Math.floor(i / into)] ?? 0));
  const B = Float32Array.from({ length: matrix.shape[0] * rank }, (_, i) => {
    const column = i % rank;
    return (U[Math.floor(i / rank) * S.length + column] ?? 0) * (roots[column] ?? 0) * factor;
  });
  return { A, B };
}
