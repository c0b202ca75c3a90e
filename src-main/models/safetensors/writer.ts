/**
 * Writes safetensors files piece by piece: a tensor is never in memory as a whole. A file appears under its name only
 * when it is complete and on the disk.
 */
import { cancelled } from '../../util/appError.ts';
import { at } from '../../util/at.ts';
import { readAhead } from '../../util/readAhead.ts';
import { readChunkBytes } from '../byteFile.ts';
import { writeInPieces } from '../fileStream.ts';
import { encodeFloats, type WrittenFloat } from '../encodeFloats.ts';
import { valueCount } from '../../util/valueCount.ts';

export type WrittenType = WrittenFloat;

const bytesOfWritten: Readonly<Record<WrittenType, number>> = { F32: 4, F16: 2, BF16: 2 };

export interface TensorToWrite {
  readonly name: string;
  readonly shape: readonly number[];
  /** Values are rounded to nearest, ties to even. */
  readonly type: WrittenType;
  /** Rows `from … from+count-1` (first dimension) as float32. */
  readRows(from: number, count: number): Promise<Float32Array>;
}

export interface WriteOptions {
  /** `__metadata__` of the header; transformers refuses a file without a known format. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly onProgress?: (bytesDone: number, bytesTotal: number) => void;
  readonly signal?: AbortSignal;
}

/** A tensor that is already in memory. */
export function tensorToWrite(
  name: string,
  shape: readonly number[],
  values: Float32Array,
  type: WrittenType = 'F32',
): TensorToWrite {
  const width = valueCount(shape.slice(1));
  return {
    name,
    shape,
    type,
    readRows: (from, count) => Promise.resolve(values.subarray(from * width, (from + count) * width)),
  };
}

export function writtenBytes({ shape, type }: Pick<TensorToWrite, 'shape' | 'type'>): number {
  return valueCount(shape) * bytesOfWritten[type];
}

/**
 * @returns the sha256 of what was handed to the disk
 * @throws AppError DISK_FULL, NOT_WRITABLE, CANCELLED; TENSOR_INVALID when a finite value does not fit the type
 */
export async function writeSafetensors(
  target: string,
  tensors: readonly TensorToWrite[],
  options: WriteOptions = {},
): Promise<string> {
  // Wider types first keeps every tensor aligned to its own width.
  const inOrder = [...tensors].sort((a, b) => bytesOfWritten[b.type] - bytesOfWritten[a.type]);
  const total = inOrder.reduce((sum, tensor) => sum + writtenBytes(tensor), 0);
  return writeInPieces(target, async (append) => {
    await append(headerOf(inOrder, options.metadata ?? { format: 'pt' }));
    let done = 0;
    for await (const bytes of encodedPieces(inOrder, target)) {
      if (options.signal?.aborted === true) throw cancelled();
      await append(bytes);
      done += bytes.byteLength;
      options.onProgress?.(done, total);
    }
  });
}

function headerOf(tensors: readonly TensorToWrite[], metadata: Readonly<Record<string, string>>): Uint8Array {
  const header: [string, unknown][] = [['__metadata__', metadata]];
  let position = 0;
  for (const tensor of tensors) {
    const end = position + writtenBytes(tensor);
    header.push([tensor.name, { dtype: tensor.type, shape: tensor.shape, data_offsets: [position, end] }]);
    position = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  // Spaces up to a multiple of 8 keep the data aligned.
  const padded = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + padded).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(json, 8);
  return bytes;
}

/** Rows of a tensor that are written at once. */
interface Piece {
  readonly tensor: TensorToWrite;
  readonly from: number;
  readonly count: number;
}

function piecesOf(tensor: TensorToWrite): Piece[] {
  const rows = tensor.shape[0] ?? 1;
  const most = Math.max(1, Math.floor(readChunkBytes / 4 / Math.max(1, valueCount(tensor.shape.slice(1)))));
  return Array.from({ length: Math.ceil(rows / most) }, (_, i) => {
    return { tensor, from: i * most, count: Math.min(most, rows - i * most) };
  });
}

/** The next piece is read while the one before it is encoded and written. */
async function* encodedPieces(tensors: readonly TensorToWrite[], target: string): AsyncGenerator<Uint8Array> {
  const pieces = tensors.flatMap(piecesOf);
  const read = async (index: number): Promise<Float32Array> => {
    const { tensor, from, count } = at(pieces, index);
    return tensor.readRows(from, count);
  };
  let index = 0;
  for await (const values of readAhead(pieces.length, read)) {
    yield encoded(at(pieces, index), values, target);
    index += 1;
  }
}

function encoded({ tensor: { name, shape, type }, count }: Piece, values: Float32Array, target: string): Uint8Array {
  const expected = count * valueCount(shape.slice(1));
  if (values.length !== expected) {
    throw new RangeError(`"${name}" gave ${values.length} values for ${count} rows of ${expected / count}.`);
  }
  return encodeFloats(values, type, `tensor "${name}" of ${target}`);
}
