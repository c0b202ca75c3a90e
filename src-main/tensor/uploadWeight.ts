import { AppError, throwIfCancelled } from '../util/appError.ts';
import { at } from '../util/at.ts';
import { readAhead } from '../util/readAhead.ts';
import { emptyTensor, writeRows } from './elementTypes.ts';
import { Float32Weight, PackedWeight, type FrozenWeight } from './frozenWeight.ts';
import type { Kernels } from './kernels.ts';
import { sharedScratch } from './sharedScratch.ts';
import type { TensorId } from './tensorId.ts';
import { blockColumns, float32Form, int8Form, type WeightForm } from './weightForms.ts';

/** Where weights come from; a `WeightSource` of the models is one. */
export interface RowSource {
  readonly tensors: ReadonlyMap<string, { readonly shape: readonly number[] }>;
  /** Rows (of the first dimension) `from … from + count − 1` as float32. */
  readRows(name: string, from: number, count: number, into?: Float32Array): Promise<Float32Array>;
  /** Rooms for pieces on their way, used again and again; else each weight makes its own. */
  readonly scratch?: Scratch;
}

/**
 * Largest piece of a weight that is outside the backend at a time, in float32 values: 1 MiB stays in the processor's
 * cache, and leaves no garbage behind that would count as memory until it is collected.
 */
const scratchLength = 2 ** 18;

/** Room for the piece that is being taken over and for the one that is being read. */
export type Scratch = readonly [Float32Array, Float32Array];

export function createScratch(k: Kernels): Scratch {
  return [sharedScratch(k, scratchLength), sharedScratch(k, scratchLength)];
}

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
 * Streams a matrix into the backend in pieces of at most 1 MiB.
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
  const stored: readonly [number, number] = transposed ? [shape[1], shape[0]] : shape;
  const [tensor] = await uploadParts(kernels, source, name, stored, float32Form, signal);
  if (tensor === undefined) throw new RangeError(`${name} has no values.`);
  return transposed ? kernels.transpose(kernels.take(tensor), [1, 0]) : tensor;
}

/**
 * Streams a matrix into the backend in the given form; one that is stored [in, out], or does not fit the form, becomes
 * float32. Parameters and errors as {@link uploadMatrix}.
 */
export async function uploadFrozen(
  kernels: Kernels,
  source: RowSource,
  name: string,
  shape: readonly [number, number],
  transposed: boolean,
  form: WeightForm,
  signal: AbortSignal,
): Promise<FrozenWeight> {
  const blocks = form !== int8Form || shape[1] % blockColumns === 0;
  if (transposed || !blocks || form === float32Form) {
    return new Float32Weight(kernels, await uploadMatrix(kernels, source, name, shape, transposed, signal));
  }
  const parts = await uploadParts(kernels, source, name, shape, form, signal);
  return new PackedWeight(kernels, form, parts, shape[1]);
}

/** The tensors of a form, filled piece by piece: pieces that are joined at the end would need the matrix twice. */
async function uploadParts(
  k: Kernels,
  source: RowSource,
  name: string,
  [rows, columns]: readonly [number, number],
  form: WeightForm,
  signal: AbortSignal,
): Promise<TensorId[]> {
  checkShape(source, name, [rows, columns]);
  const step = Math.max(1, Math.floor(scratchLength / columns));
  const pack = (values: Float32Array, count: number): TensorId[] => {
    const piece = k.upload(values, [count, columns]);
    try {
      return k.scope(() => form.pack(k, piece, columns));
    } finally {
      k.free(piece);
    }
  };
  if (rows <= step) return pack(await source.readRows(name, 0, rows), rows);
  const widths = form.widths(columns);
  const scratch = source.scratch ?? createScratch(k);
  const countOf = (piece: number): number => Math.min(step, rows - piece * step);
  const read = (piece: number): Promise<Float32Array> => {
    throwIfCancelled(signal);
    const size = countOf(piece) * columns;
    const room = at(scratch, piece % scratch.length);
    return source.readRows(
      name,
      piece * step,
      countOf(piece),
      size <= room.length ? room.subarray(0, size) : undefined,
    );
  };
  const whole = form.types.map((type, i) => emptyTensor(k, [rows, widths[i] ?? columns], type));
  try {
    let piece = 0;
    for await (const values of readAhead(Math.ceil(rows / step), read)) {
      const [from, count] = [piece * step, countOf(piece)];
      // A tensor of the piece may share its memory with the scratch, which is free again once its rows are written.
      pack(values, count).forEach((part, i) => {
        writeRows(k, at(whole, i), from, k.take(part), count, form.types[i] ?? 'float32');
      });
      piece += 1;
    }
    return whole;
  } catch (error) {
    k.free(...whole);
    throw error;
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
