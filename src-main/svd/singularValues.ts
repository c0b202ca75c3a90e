import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import { batchMatMul64, concat64, eigenvalues64, sqrtOfPositive64, toFloat32, toFloat64 } from './float64.ts';

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
    const gram = lowerGram(k, stack, [count, rows, columns]); // [count, size, size]
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

/** Blocks that a Gram matrix is made of, along each side, where it is large enough for their products to be fast. */
const blocks = 4;
const smallestBlock = 96;

/**
 * The smaller Gram matrix of each matrix of a stack, in float64, on and below the diagonal: what a symmetric eigenvalue
 * solver reads. Of the blocks above the diagonal, which take three eighths of the work, none is computed.
 */
function lowerGram(k: Kernels, stack: TensorId, [count, rows, columns]: readonly [number, number, number]): TensorId {
  const tall = rows > columns;
  const size = Math.min(rows, columns);
  if (size < blocks * smallestBlock) {
    const wide = toFloat64(k, stack);
    const gram = batchMatMul64(k, wide, wide, tall, !tall);
    k.free(wide);
    return gram;
  }
  const borders = Array.from({ length: blocks + 1 }, (_, i) => Math.round((i * size) / blocks));
  const spans = borders.slice(1).map((to, i) => ({ from: borders[i] ?? 0, width: to - (borders[i] ?? 0) }));
  const parts = spans.map(({ from, width }) => {
    const part = tall
      ? k.slice(stack, [0, 0, from], [count, rows, width])
      : k.slice(stack, [0, from, 0], [count, width, columns]);
    return toFloat64(k, k.take(part));
  });
  const bands = spans.map(({ from, width }, i) => {
    const right = size - from - width;
    const band = parts.slice(0, i + 1).map((part) => batchMatMul64(k, parts[i] ?? part, part, tall, !tall));
    if (right > 0) band.push(toFloat64(k, k.take(k.fill([count, width, right], 0))));
    const joined = concat64(k, band, 2);
    k.free(...band);
    return joined;
  });
  k.free(...parts);
  const gram = concat64(k, bands, 1);
  k.free(...bands);
  return gram;
}
