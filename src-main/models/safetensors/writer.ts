/**
 * Writes safetensors files piece by piece: a tensor is never in memory as a whole. A file appears under its name only
 * when it is complete and on the disk.
 */
import { cancelled } from '../../util/appError.ts';
import { readChunkBytes } from '../byteFile.ts';
import { writeInPieces } from '../fileStream.ts';
import { encodeFloats, type WrittenFloat } from '../encodeFloats.ts';
import { valueCount } from '../tensorShape.ts';

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
 * @throws AppError DISK_FULL, NOT_WRITABLE, CANCELLED; TENSOR_INVALID when a finite value does not fit the type
 */
export async function writeSafetensors(
  target: string,
  tensors: readonly TensorToWrite[],
  options: WriteOptions = {},
): Promise<void> {
  // Wider types first keeps every tensor aligned to its own width.
  const inOrder = [...tensors].sort((a, b) => bytesOfWritten[b.type] - bytesOfWritten[a.type]);
  const total = inOrder.reduce((sum, tensor) => sum + writtenBytes(tensor), 0);
  await writeInPieces(target, async (append) => {
    await append(headerOf(inOrder, options.metadata ?? { format: 'pt' }));
    let done = 0;
    for (const tensor of inOrder) {
      for await (const bytes of encodedPieces(tensor, target)) {
        if (options.signal?.aborted === true) throw cancelled();
        await append(bytes);
        done += bytes.byteLength;
        options.onProgress?.(done, total);
      }
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

async function* encodedPieces(tensor: TensorToWrite, target: string): AsyncGenerator<Uint8Array> {
  const rows = tensor.shape[0] ?? 1;
  const width = valueCount(tensor.shape.slice(1));
  const piece = Math.max(1, Math.floor(readChunkBytes / 4 / Math.max(1, width)));
  for (let from = 0; from < rows; from += piece) {
    const count = Math.min(piece, rows - from);
    const values = await tensor.readRows(from, count);
    if (values.length !== count * width) {
      throw new RangeError(`"${tensor.name}" gave ${values.length} values for ${count} rows of ${width}.`);
    }
    yield encodeFloats(values, tensor.type, `tensor "${tensor.name}" of ${target}`);
  }
}
