import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import { batchMatMul64, eigenvectors64, svd64, toFloat32, toFloat64 } from './float64.ts';
import { subspaceSvd, type ColumnSvd } from './subspaceSvd.ts';

/** The k leading singular triplets of a matrix, row-major float32. */
export interface TruncatedSvd {
  /** [d_out, k]; the largest entry of each column is positive. */
  readonly U: Float32Array;
  /** [k], descending */
  readonly S: Float32Array;
  /** [k, d_in] */
  readonly Vt: Float32Array;
}

/** Below this σ_k / σ₁ the vectors of the Gram matrix are no longer orthogonal to float32's precision. */
const smallestRatio = 1e-4;

/**
 * U_k, S_k, V_kᵀ of W [d_out, d_in]: by filtered subspaces where that is fast and passes its check, else from the
 * eigenvectors Q of the smaller Gram matrix in float64, the other side being Wᵀ Q / S or W Q / S. Where σ_k is so small
 * that this division would spoil the vectors, from the SVD kernel, which is slowest. Signs are fixed, so that libraries
 * and machines agree.
 * @param W float32, borrowed
 * @param rank k, 1 … min(d_out, d_in)
 * @param known all singular values of W, descending, where they are known
 */
export function truncatedSvd(
  k: Kernels,
  W: TensorId,
  shape: readonly [number, number],
  rank: number,
  known?: Float32Array,
): TruncatedSvd {
  const [out, into] = shape;
  const found = subspaceSvd(k, W, shape, rank, known) ?? direct(k, W, shape, rank);
  return withFixedSigns({ U: found.U, S: found.S, Vt: transposed(found.V, into, rank) }, [out, into], rank);
}

function direct(k: Kernels, W: TensorId, shape: readonly [number, number], rank: number): ColumnSvd {
  return k.scope(() => {
    const wide = toFloat64(k, W);
    const result = fromGram(k, wide, shape, rank) ?? fromSvd(k, wide, shape, rank);
    k.free(wide);
    return result;
  });
}

function fromGram(
  k: Kernels,
  W: TensorId,
  [out, into]: readonly [number, number],
  rank: number,
): ColumnSvd | undefined {
  const size = Math.min(out, into);
  const tall = out > into;
  const gram = batchMatMul64(k, W, W, tall, !tall);
  const { values, vectors } = eigenvectors64(k, k.take(gram));
  const squares = download(k, k.take(values)); // ascending
  const S = Float32Array.from({ length: rank }, (_, j) => Math.sqrt(Math.max(0, squares[size - 1 - j] ?? 0)));
  if (!((S[rank - 1] ?? 0) > smallestRatio * (S[0] ?? 0))) {
    k.free(vectors);
    return undefined;
  }
  // Columns of the other side, not yet divided by S: [out or into, size], in ascending order like the vectors.
  const other = batchMatMul64(k, W, vectors, !tall, false);
  const own = leadingColumns(download(k, k.take(vectors)), size, size, rank);
  const scaled = leadingColumns(download(k, k.take(other)), tall ? out : into, size, rank);
  for (let i = 0; i < scaled.length; i += 1) scaled[i] = (scaled[i] ?? 0) / (S[i % rank] ?? 1);
  return tall ? { U: scaled, S, V: own } : { U: own, S, V: scaled };
}

function fromSvd(k: Kernels, W: TensorId, [out, into]: readonly [number, number], rank: number): ColumnSvd {
  const size = Math.min(out, into);
  const { S, U, V } = svd64(k, W);
  const values = download(k, k.take(S)).slice(0, rank);
  const left = firstColumns(download(k, k.take(U)), out, size, rank);
  const right = firstColumns(download(k, k.take(V)), into, size, rank);
  return { U: left, S: values, V: right };
}

function download(k: Kernels, tensor: TensorId): Float32Array {
  const narrow = toFloat32(k, tensor);
  try {
    return k.download(narrow);
  } finally {
    k.free(narrow);
  }
}

/** The last `count` columns of [rows, columns] in reverse order: ascending eigenvalues become descending. */
function leadingColumns(data: Float32Array, rows: number, columns: number, count: number): Float32Array {
  const result = new Float32Array(rows * count);
  for (let i = 0; i < rows; i += 1) {
    for (let j = 0; j < count; j += 1) result[i * count + j] = data[i * columns + columns - 1 - j] ?? 0;
  }
  return result;
}

function firstColumns(data: Float32Array, rows: number, columns: number, count: number): Float32Array {
  const result = new Float32Array(rows * count);
  for (let i = 0; i < rows; i += 1) result.set(data.subarray(i * columns, i * columns + count), i * count);
  return result;
}

/** [rows, columns] → [columns, rows] */
function transposed(data: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(data.length);
  for (let i = 0; i < rows; i += 1) {
    for (let j = 0; j < columns; j += 1) result[j * rows + i] = data[i * columns + j] ?? 0;
  }
  return result;
}

function withFixedSigns(
  { U, S, Vt }: TruncatedSvd,
  [out, into]: readonly [number, number],
  rank: number,
): TruncatedSvd {
  for (let j = 0; j < rank; j += 1) {
    let largest = 0;
    for (let i = 0; i < out; i += 1) {
      const entry = U[i * rank + j] ?? 0;
      if (Math.abs(entry) > Math.abs(largest)) largest = entry;
    }
    if (largest >= 0) continue;
    for (let i = 0; i < out; i += 1) U[i * rank + j] = -(U[i * rank + j] ?? 0);
    for (let i = 0; i < into; i += 1) Vt[j * into + i] = -(Vt[j * into + i] ?? 0);
  }
  return { U, S, Vt };
}
