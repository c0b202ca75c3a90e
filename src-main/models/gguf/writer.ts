/**
 * Writes GGUF files, version 3, piece by piece: a tensor is never in memory as a whole. Format: docs/gguf.md of ggml.
 */
import { macrotask } from '../../util/macrotask.ts';
import { writeInPieces } from '../fileStream.ts';
import { valueCount } from '../../util/valueCount.ts';
import { entryBytes, ggufString, join, u32, u64, type GgufEntry } from './entries.ts';
import { quantize, type GgufWrittenType } from './quantize.ts';
import { blockOf, ggmlTypeNumber } from './tensorTypes.ts';

export interface GgufTensorToWrite {
  readonly name: string;
  /** Row-major; the file has the opposite order. */
  readonly shape: readonly number[];
  readonly type: GgufWrittenType;
  /** Rows `from … from+count-1` (first dimension) as float32. */
  readRows(from: number, count: number): Promise<Float32Array>;
}

export interface GgufWriteOptions {
  readonly onProgress?: (bytesDone: number, bytesTotal: number) => void;
  readonly signal: AbortSignal;
}

const alignment = 32;
const version = 3;

/** Values converted at once: some tenths of a second where scales are searched for. */
const valuesAtOnce = 2 ** 19;

/** Bytes of a tensor in the file, without padding. */
export function ggufTensorBytes({ shape, type }: Pick<GgufTensorToWrite, 'shape' | 'type'>): number {
  const block = blockOf(type);
  return (valueCount(shape) / block.values) * block.bytes;
}

/**
 * @returns the sha256 of what was handed to the disk
 * @throws AppError DISK_FULL, NOT_WRITABLE, CANCELLED; TENSOR_INVALID when a value does not fit its type
 */
export async function writeGguf(
  target: string,
  metadata: readonly GgufEntry[],
  tensors: readonly GgufTensorToWrite[],
  { onProgress, signal }: GgufWriteOptions,
): Promise<string> {
  const total = tensors.reduce((sum, tensor) => sum + ggufTensorBytes(tensor), 0);
  return writeInPieces(target, async (append) => {
    const head = headOf(metadata, tensors);
    await append(join(head, padding(head.length)));
    let done = 0;
    for (const tensor of tensors) {
      for await (const bytes of encodedPieces(tensor, target)) {
        await macrotask(signal);
        await append(bytes);
        done += bytes.byteLength;
        onProgress?.(done, total);
      }
      await append(padding(ggufTensorBytes(tensor)));
    }
  });
}

function headOf(metadata: readonly GgufEntry[], tensors: readonly GgufTensorToWrite[]): Uint8Array {
  const parts = [
    new TextEncoder().encode('GGUF'),
    u32(version),
    u64(tensors.length),
    u64(metadata.length),
    ...metadata.map(entryBytes),
  ];
  let offset = 0;
  for (const tensor of tensors) {
    const { name, shape, type } = tensor;
    const dimensions = [...shape].reverse().map(u64);
    parts.push(ggufString(name), u32(shape.length), ...dimensions, u32(ggmlTypeNumber(type)), u64(offset));
    offset += aligned(ggufTensorBytes(tensor));
  }
  return join(...parts);
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

function padding(bytes: number): Uint8Array {
  return new Uint8Array(aligned(bytes) - bytes);
}

async function* encodedPieces(tensor: GgufTensorToWrite, target: string): AsyncGenerator<Uint8Array> {
  const rows = tensor.shape[0] ?? 1;
  const width = valueCount(tensor.shape.slice(1));
  const piece = Math.max(1, Math.floor(valuesAtOnce / Math.max(1, width)));
  for (let from = 0; from < rows; from += piece) {
    const count = Math.min(piece, rows - from);
    const values = await tensor.readRows(from, count);
    if (values.length !== count * width) {
      throw new RangeError(`"${tensor.name}" gave ${values.length} values for ${count} rows of ${width}.`);
    }
    yield quantize(tensor.type, values, `tensor "${tensor.name}" of ${target}`);
  }
}
