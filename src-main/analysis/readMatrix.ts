import type { TargetMatrix } from '../contract/model.ts';
import type { TensorInfo, WeightSource } from '../models/types.ts';
import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import { AppError, throwIfCancelled } from '../util/appError.ts';

/** Weights pass through JavaScript in pieces of at most this. */
const pieceBytes = 32 * 2 ** 20;

/** A weight in the backend, as stored: [d_out, d_in], or [d_in, d_out] for Conv1D. */
export interface LoadedMatrix {
  /** Owned by the caller. */
  readonly tensor: TensorId;
  readonly stored: readonly [number, number];
  /** Σ w², in float64. */
  readonly squaredNorm: number;
}

/** @throws AppError TENSOR_MISSING, TENSOR_INVALID when it is no matrix of the size expected */
export function storedShape(source: WeightSource, target: TargetMatrix): readonly [number, number] {
  const info = weightOf(source, target);
  const [rows, columns] = info.shape;
  const [out, into] = target.shape;
  const fits = (rows === out && columns === into) || (rows === into && columns === out);
  if (info.shape.length !== 2 || rows === undefined || columns === undefined || !fits) {
    throw new AppError(
      'TENSOR_INVALID',
      `The tensor ${info.name} has the shape [${info.shape.join(', ')}], expected [${target.shape.join(', ')}]; take the model’s files from the source again.`,
    );
  }
  return [rows, columns];
}

/**
 * Loads the weight of a matrix, checking every value.
 * @throws AppError TENSOR_MISSING, TENSOR_INVALID for a value that is not finite, CANCELLED and what the source throws
 */
export async function loadMatrix(
  k: Kernels,
  source: WeightSource,
  target: TargetMatrix,
  signal: AbortSignal,
): Promise<LoadedMatrix> {
  const { name } = weightOf(source, target);
  const [rows, columns] = storedShape(source, target);
  const rowsPerPiece = Math.max(1, Math.floor(pieceBytes / (4 * columns)));
  const pieces: TensorId[] = [];
  let squaredNorm = 0;
  try {
    for (let from = 0; from < rows; from += rowsPerPiece) {
      throwIfCancelled(signal);
      const count = Math.min(rowsPerPiece, rows - from);
      const data = await source.readRows(name, from, count);
      const squares = sumOfSquares(data);
      if (!Number.isFinite(squares)) throw notFinite(name, data, from, columns);
      squaredNorm += squares;
      pieces.push(k.upload(data, [count, columns]));
    }
    return { tensor: k.concat(pieces, 0), stored: [rows, columns], squaredNorm };
  } finally {
    k.free(...pieces);
  }
}

function weightOf(source: WeightSource, target: TargetMatrix): TensorInfo {
  const name = `${target.name}.weight`;
  const info = source.tensors.get(name);
  if (info !== undefined) return info;
  throw new AppError('TENSOR_MISSING', `The model has no tensor ${name}; check that its download is complete.`);
}

/**
 * Not finite exactly where a value is not: squares of float32 cannot overflow float64. Every value of a model passes here:
 * a loop over indexes is ten times as fast as one over the values themselves, and two sums need not wait for each other.
 */
function sumOfSquares(data: Float32Array): number {
  let [even, odd] = [0, 0];
  for (let i = 0; i < data.length; i += 2) {
    even += (data[i] ?? 0) ** 2;
    odd += (data[i + 1] ?? 0) ** 2;
  }
  return even + odd;
}

function notFinite(name: string, data: Float32Array, from: number, columns: number): AppError {
  const at = data.findIndex((value) => !Number.isFinite(value));
  const row = from + Math.floor(at / columns);
  return new AppError(
    'TENSOR_INVALID',
    `The tensor ${name} has a value that is not finite (${String(data[at])} at row ${row}, column ${at % columns}); take the model’s files from the source again.`,
  );
}
