import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';

/** Rows for which the kernel of batches, which works in blocks of a few rows, is faster than the plain one. */
const fewest = 4;
const most = 256;

/** x Wᵀ with the kernel that is the faster one for so many rows. @param x [rows, in] @param weight [out, in] */
export function timesTransposed(k: Kernels, x: TensorId, weight: TensorId, rows: number): TensorId {
  return rows >= fewest && rows <= most ? k.batchMatMul(x, weight, false, true) : k.matMul(x, weight, false, true);
}
