/** The float64 ops that decompositions need. Tensors here are float64 unless said otherwise. */
import type { Kernels } from '../tensor/kernels.ts';
import { boolAttribute, dataTypes, intAttribute, typeAttribute, type OpAttributes } from '../tensor/opAttributes.ts';
import type { TensorId } from '../tensor/tensorId.ts';

/** TF_DOUBLE of TensorFlow's DataType. */
const double = 2;
const T = typeAttribute('T', double);

/** float32 → float64 */
export function toFloat64(k: Kernels, a: TensorId): TensorId {
  return one(k, 'Cast', castAttributes(dataTypes.float, double), [a]);
}

/** float64 → float32 */
export function toFloat32(k: Kernels, a: TensorId): TensorId {
  return one(k, 'Cast', castAttributes(double, dataTypes.float), [a]);
}

function castAttributes(from: number, to: number): OpAttributes {
  return [typeAttribute('SrcT', from), typeAttribute('DstT', to), boolAttribute('Truncate', false)];
}

/** a b over the last two dimensions, either of them transposed first. */
export function batchMatMul64(
  k: Kernels,
  a: TensorId,
  b: TensorId,
  transposeA: boolean,
  transposeB: boolean,
): TensorId {
  return one(k, 'BatchMatMulV2', [T, boolAttribute('adj_x', transposeA), boolAttribute('adj_y', transposeB)], [a, b]);
}

/** Tensors of the same shape but for one axis, side by side. */
export function concat64(k: Kernels, tensors: readonly TensorId[], axis: number): TensorId {
  const attributes = [intAttribute('N', tensors.length), T, typeAttribute('Tidx', dataTypes.int32)];
  const along = k.uploadInts(Int32Array.of(axis), []);
  return one(k, 'ConcatV2', attributes, [...tensors, k.take(along)]);
}

/** √max(a, 0) */
export function sqrtOfPositive64(k: Kernels, a: TensorId): TensorId {
  const positive = one(k, 'Relu', [T], [a]);
  return one(k, 'Sqrt', [T], [k.take(positive)]);
}

/** Eigenvalues, ascending, of symmetric matrices [..., p, p], of which the lower triangles are read; the matrices of a stack are spread over the cores. */
export function eigenvalues64(k: Kernels, a: TensorId): TensorId {
  const [values, vectors] = pair(k, 'SelfAdjointEigV2', [boolAttribute('compute_v', false), T], [a], 2);
  k.free(vectors);
  return values;
}

/** Eigenvalues, ascending, and eigenvectors (columns) of symmetric matrices. */
export function eigenvectors64(k: Kernels, a: TensorId): { readonly values: TensorId; readonly vectors: TensorId } {
  const [values, vectors] = pair(k, 'SelfAdjointEigV2', [boolAttribute('compute_v', true), T], [a], 2);
  return { values, vectors };
}

/** The lower triangular L of a positive definite L Lᵀ [p, p]. Fails where a pivot is not positive. */
export function cholesky64(k: Kernels, a: TensorId): TensorId {
  return one(k, 'Cholesky', [T], [a]);
}

/** L⁻¹ b of a lower triangular L [p, p] and b [p, n]. */
export function solveLower64(k: Kernels, L: TensorId, b: TensorId): TensorId {
  return one(k, 'MatrixTriangularSolve', [boolAttribute('lower', true), boolAttribute('adjoint', false), T], [L, b]);
}

/** Thin QR: Q [m, p] with orthonormal columns and R [p, n] upper triangular, p = min(m, n). */
export function qr64(k: Kernels, a: TensorId): { readonly Q: TensorId; readonly R: TensorId } {
  const [Q, R] = pair(k, 'Qr', [boolAttribute('full_matrices', false), T], [a], 2);
  return { Q, R };
}

/** Thin SVD: S [p] descending, U [m, p], V [n, p]. */
export function svd64(k: Kernels, a: TensorId): { readonly S: TensorId; readonly U: TensorId; readonly V: TensorId } {
  const [S, U, V] = k.execute(
    'Svd',
    [boolAttribute('compute_uv', true), boolAttribute('full_matrices', false), T],
    [a],
    3,
  );
  if (S === undefined || U === undefined || V === undefined) throw new RangeError('Svd gave too few results.');
  return { S, U, V };
}

function one(k: Kernels, op: string, attributes: OpAttributes, inputs: readonly TensorId[]): TensorId {
  const [result] = k.execute(op, attributes, inputs, 1);
  if (result === undefined) throw new RangeError(`${op} gave no result.`);
  return result;
}

function pair(
  k: Kernels,
  op: string,
  attributes: OpAttributes,
  inputs: readonly TensorId[],
  outputs: 2,
): [TensorId, TensorId] {
  const [first, second] = k.execute(op, attributes, inputs, outputs);
  if (first === undefined || second === undefined) throw new RangeError(`${op} gave too few results.`);
  return [first, second];
}
