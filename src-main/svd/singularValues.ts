import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import { batchMatMul64, eigenvalues64, sqrtOfPositive64, toFloat32, toFloat64 } from './float64.ts';

/**
 * All singular values, descending, of each matrix of a stack, as float32.
 *
 * They are the roots of the eigenvalues of the smaller Gram matrix, formed and decomposed in float64. An eigenvalue is
 * off by about ε₆₄ σ₁², so a singular value by at most about √ε₆₄ σ₁ ≈ 2e-8 σ₁ where it is nearly zero, and by far less
 * where it is not: finer than float32's own rounding of σ₁ (6e-8), and some twenty times finer than the float32 SVD
 * kernel, which also takes longer (tests/unit/svd). The matrices of a stack run on all cores side by side.
 * @param stack [count, rows, columns] float32, borrowed
 */
export function singularValuesOfStack(
  k: Kernels,
  stack: TensorId,
  [count, rows, columns]: readonly [number, number, number],
): Float32Array[] {
  const size = Math.min(rows, columns);
  const values = k.scope(() => {
    const wide = toFloat64(k, stack);
    const gram = batchMatMul64(k, wide, wide, rows > columns, rows <= columns); // [count, size, size]
    k.free(wide);
    const squares = eigenvalues64(k, k.take(gram)); // [count, size], ascending
    const roots = toFloat32(k, k.take(sqrtOfPositive64(k, k.take(squares))));
    const data = k.download(roots);
    k.free(roots);
    return data;
  });
  return Array.from({ length: count }, (_, i) => values.slice(i * size, (i + 1) * size).reverse());
}

/** All singular values, descending, of one matrix [rows, columns]; see {@link singularValuesOfStack}. */
export function singularValues(k: Kernels, matrix: TensorId, [rows, columns]: readonly [number, number]): Float32Array {
  const stack = k.reshape(matrix, [1, rows, columns]);
  try {
    return singularValuesOfStack(k, stack, [1, rows, columns])[0] ?? new Float32Array();
  } finally {
    k.free(stack);
  }
}
