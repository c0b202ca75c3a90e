import { preparedOps, type PreparedOp } from '../tensor/gpuPreparation/preparedOp.ts';
import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import { diagonal } from './diagonal.ts';
import {
  batchMatMul64,
  cholesky64,
  concat64,
  eigenvalues64,
  eigenvectors64,
  qr64,
  solveLower64,
  sqrtOfPositive64,
  svd64,
  toFloat32,
  toFloat64,
} from './float64.ts';

/** The ops of decompositions, most of them in float64, to be run once before a GPU computes. */
export const decompositionOps: readonly PreparedOp[] = preparedOps({
  MatrixDiag: (k) => diagonal(k, 2, 1),
  'Cast float32 float64': toFloat64,
  'Cast float64 float32': (k, x) => toFloat32(k, k.take(toFloat64(k, x))),
  'BatchMatMulV2 float64': wide((k, y) => [
    batchMatMul64(k, y, y, false, false),
    batchMatMul64(k, y, y, true, false),
    batchMatMul64(k, y, y, false, true),
  ]),
  'ConcatV2 float64': wide((k, y) => [concat64(k, [y, y], 0), concat64(k, [y, y], 1)]),
  'Sqrt float64': wide((k, y) => [sqrtOfPositive64(k, y)]),
  'SelfAdjointEigV2 float64': wide((k, y) => {
    const { values, vectors } = eigenvectors64(k, y);
    return [eigenvalues64(k, y), values, vectors];
  }),
  'Cholesky float64': wide((k, y) => [cholesky64(k, y)]),
  'MatrixTriangularSolve float64': wide((k, y) => [solveLower64(k, y, y)]),
  'Qr float64': wide((k, y) => Object.values(qr64(k, y))),
  'Svd float64': wide((k, y) => Object.values(svd64(k, y))),
});

/** `work` on x in float64. */
function wide(
  work: (k: Kernels, y: TensorId) => readonly TensorId[],
): (k: Kernels, x: TensorId) => readonly TensorId[] {
  return (k, x) => {
    const y = toFloat64(k, x);
    return [y, ...work(k, y)];
  };
}
