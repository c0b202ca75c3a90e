import type { AdapterTensor } from '../methods/types.ts';
import { AppError } from '../util/appError.ts';
import type { ExportSource } from './exportPlan.ts';

/** ΔW = B A of one matrix, everything that scales it folded into B. Row-major. */
export interface AdapterFactors {
  /** Module path without `.weight`. */
  readonly name: string;
  readonly rank: number;
  /** [rank, d_in] */
  readonly A: AdapterTensor;
  /** [d_out, rank] */
  readonly B: AdapterTensor;
}

/**
 * The adapters of a run as products of two matrices, in the order of the model.
 * @throws AppError NOT_MERGEABLE where a change has no such form, SETTINGS_INVALID when there is no adapter
 */
export function adapterFactors({ model, adapters, kernels }: ExportSource): AdapterFactors[] {
  if (adapters === undefined) {
    throw new AppError(
      'SETTINGS_INVALID',
      `${model.summary.path} is a model, not a run, and holds no adapter; choose the format hf, gguf or ollama.`,
    );
  }
  return [...adapters.matrices.values()].map((adapter) => {
    const { name, shape } = adapter.matrix;
    const factors = adapter.factors();
    if (factors === undefined) {
      throw new AppError(
        'NOT_MERGEABLE',
        `The change of ${name} is a full matrix, not a product of two small ones, so there is no adapter to write; choose the format hf, gguf or ollama.`,
      );
    }
    const { left, right } = factors;
    try {
      const a = kernels.download(right);
      const rank = a.length / shape[1];
      return {
        name,
        rank,
        A: { shape: [rank, shape[1]], data: a },
        B: { shape: [shape[0], rank], data: kernels.download(left) },
      };
    } finally {
      kernels.free(left, right);
    }
  });
}

/** Rows of A and columns of B filled up with zeros: the same product at a larger rank. */
export function paddedFactors({ name, rank, A, B }: AdapterFactors, target: number): AdapterFactors {
  const [out = 0] = B.shape;
  const into = A.shape[1] ?? 0;
  const a = new Float32Array(target * into);
  a.set(A.data);
  const b = new Float32Array(out * target);
  for (let row = 0; row < out; row++) b.set(B.data.subarray(row * rank, (row + 1) * rank), row * target);
  return { name, rank: target, A: { shape: [target, into], data: a }, B: { shape: [out, target], data: b } };
}

/** B times a factor. */
export function scaledFactors(factors: AdapterFactors, factor: number): AdapterFactors {
  if (factor === 1) return factors;
  return { ...factors, B: { shape: factors.B.shape, data: factors.B.data.map((value) => value * factor) } };
}
