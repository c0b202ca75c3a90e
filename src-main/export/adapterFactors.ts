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
  /** DoRA: W0 + B A has its rows brought to these lengths, [d_out]. */
  readonly magnitude?: AdapterTensor;
}

/**
 * The adapters of a run as products of two matrices, in the order of the model.
 * @param withMagnitudes the format can say what DoRA does to the lengths of rows
 * @throws AppError NOT_MERGEABLE where a change has no such form, SETTINGS_INVALID when there is no adapter
 */
export function adapterFactors({ model, adapters, kernels }: ExportSource, withMagnitudes = false): AdapterFactors[] {
  if (adapters === undefined) {
    throw new AppError(
      'SETTINGS_INVALID',
      `${model.summary.path} is a model, not a run, and holds no adapter; choose the format hf, gguf or ollama.`,
    );
  }
  return [...adapters.matrices.values()].map((adapter) => {
    const { name, shape } = adapter.matrix;
    const direction = withMagnitudes ? adapter.directionFactors?.() : undefined;
    const factors = direction ?? adapter.factors();
    if (factors === undefined) {
      throw new AppError(
        'NOT_MERGEABLE',
        `The change of ${name} is a full matrix, not a product of two small ones, so there is no adapter to write; choose the format hf, gguf or ollama.`,
      );
    }
    const { left, right } = factors;
    const magnitude = direction?.magnitude;
    try {
      const a = kernels.download(right);
      const rank = a.length / shape[1];
      return {
        name,
        rank,
        A: { shape: [rank, shape[1]], data: a },
        B: { shape: [shape[0], rank], data: kernels.download(left) },
        ...(magnitude === undefined ? {} : { magnitude: { shape: [shape[0]], data: kernels.download(magnitude) } }),
      };
    } finally {
      kernels.freeSaved([left, right, magnitude]);
    }
  });
}

/** A matrix that is read in rows. */
export interface FactorRows {
  readonly shape: readonly [number, number];
  readRows(from: number, count: number): Promise<Float32Array>;
}

/**
 * Rows of A and columns of B filled up with zeros: the same product at a larger rank. The zeros are made as they are
 * read: with ranks that differ much there are many times more of them than values.
 */
export function paddedFactors(
  { rank, A, B }: AdapterFactors,
  target: number,
): { readonly A: FactorRows; readonly B: FactorRows } {
  const [out = 0] = B.shape;
  const into = A.shape[1] ?? 0;
  return {
    A: {
      shape: [target, into],
      async readRows(from, count) {
        const rows = new Float32Array(count * into);
        rows.set(A.data.subarray(from * into, Math.min(from + count, rank) * into));
        return Promise.resolve(rows);
      },
    },
    B: {
      shape: [out, target],
      async readRows(from, count) {
        const rows = new Float32Array(count * target);
        for (let row = 0; row < count; row++) {
          rows.set(B.data.subarray((from + row) * rank, (from + row + 1) * rank), row * target);
        }
        return Promise.resolve(rows);
      },
    },
  };
}

/** B times a factor. */
export function scaledFactors(factors: AdapterFactors, factor: number): AdapterFactors {
  if (factor === 1) return factors;
  return { ...factors, B: { shape: factors.B.shape, data: factors.B.data.map((value) => value * factor) } };
}
