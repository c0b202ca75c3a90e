import { AppError, throwIfCancelled } from '../util/appError.ts';
import type { Kernels } from './kernels.ts';
import type { TensorId } from './tensorId.ts';

/** Where weights come from; a `WeightSource` of the models is one. */
export interface RowSource {
  readonly tensors: ReadonlyMap<string, { readonly shape: readonly number[] }>;
  /** Rows (of the first dimension) `from … from + count − 1` as float32. */
  readRows(name: string, from: number, count: number): Promise<Float32Array>;
}

/** Largest piece of a weight that is outside the backend at a time. */
const chunkBytes = 32 * 2 ** 20;

/**
 * Streams a vector (a norm's weight, a bias) into the backend.
 * @throws AppError TENSOR_MISSING, TENSOR_INVALID and what the source throws
 */
export async function uploadVector(
  kernels: Kernels,
  source: RowSource,
  name: string,
  length: number,
): Promise<TensorId> {
  checkShape(source, name, [length]);
  return kernels.upload(await source.readRows(name, 0, length), [length]);
}

/**
 * Streams a matrix into the backend in pieces of at most 32 MB.
 * @param shape [out, in] of the result
 * @param transposed the file holds [in, out] (GPT-2's Conv1D)
 * @throws AppError TENSOR_MISSING, TENSOR_INVALID, CANCELLED and what the source throws
 */
export async function uploadMatrix(
  kernels: Kernels,
  source: RowSource,
  name: string,
  shape: readonly [number, number],
  transposed: boolean,
  signal: AbortSignal,
): Promise<TensorId> {
  const [rows, columns] = transposed ? [shape[1], shape[0]] : shape;
  checkShape(source, name, [rows, columns]);
  // A variable is filled in place; chunks that are concatenated would need the matrix twice.
  const zeros = kernels.fill(shape, 0);
  const variable = kernels.createVariable(zeros, shape);
  kernels.free(zeros);
  try {
    const step = Math.max(1, Math.floor(chunkBytes / (4 * columns)));
    for (let from = 0; from < rows; from += step) {
      throwIfCancelled(signal);
      const count = Math.min(step, rows - from);
      const piece = kernels.upload(await source.readRows(name, from, count), [count, columns]);
      if (transposed) {
        const turned = kernels.transpose(kernels.take(piece), [1, 0]);
        kernels.assignSlice(variable, [0, from], [columns, from + count], kernels.take(turned));
      } else {
        kernels.assignSlice(variable, [from, 0], [from + count, columns], kernels.take(piece));
      }
    }
    return kernels.readVariable(variable);
  } finally {
    kernels.destroyVariable(variable);
  }
}

function checkShape(source: RowSource, name: string, expected: readonly number[]): void {
  const info = source.tensors.get(name);
  if (info === undefined) {
    throw new AppError(
      'TENSOR_MISSING',
      `The tensor ${name} is not in the model’s files; the download may be incomplete.`,
    );
  }
  if (info.shape.length !== expected.length || expected.some((size, i) => size !== info.shape[i])) {
    throw new AppError(
      'TENSOR_INVALID',
      `The tensor ${name} has shape [${info.shape.join(', ')}], but config.json says [${expected.join(', ')}]; the files do not belong together.`,
    );
  }
}
