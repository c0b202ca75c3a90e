/** Tensors of a GGUF file under Hugging Face names and layouts. */
import { AppError } from '../../util/appError.ts';
import type { ByteFile } from '../byteFile.ts';
import { readChunkBytes } from '../byteFile.ts';
import { huggingFaceName, type GgufLayout, type GgufNames } from '../families/ggufNames.ts';
import { rowsOf } from '../tensorShape.ts';
import { valueCount } from '../../util/valueCount.ts';
import type { TensorInfo, WeightSource } from '../types.ts';
import { hashWeights } from '../weightHash.ts';
import { dequantize } from './dequantize.ts';
import type { GgufTensor } from './header.ts';
import { blockOf } from './tensorTypes.ts';

export interface MappedTensor {
  readonly info: TensorInfo;
  readonly stored: GgufTensor;
  readonly layout: GgufLayout;
}

/**
 * Hugging Face name → tensor. A tensor the family has no name for keeps its own; without a family all do.
 * @param leaveOut GGUF names that are no weights of the model
 */
export function mapTensors(
  tensors: ReadonlyMap<string, GgufTensor>,
  names: GgufNames | undefined,
  leaveOut: ReadonlySet<string>,
): Map<string, MappedTensor> {
  const mapped = new Map<string, MappedTensor>();
  for (const stored of tensors.values()) {
    if (leaveOut.has(stored.name)) continue;
    const { name, layout } = (names && huggingFaceName(names, stored.name)) ?? { name: stored.name, layout: 'same' };
    const transposed = layout === 'transposed' && stored.shape.length === 2;
    const shape = transposed ? [...stored.shape].reverse() : stored.shape;
    const applied = layout === 'transposed' && !transposed ? 'same' : layout;
    mapped.set(name, { info: { name, shape, type: stored.type, bytes: stored.bytes }, stored, layout: applied });
  }
  return mapped;
}

/** @param heads number of query and of key heads, for the interleaved layouts */
export function ggufWeights(
  file: ByteFile,
  mapped: ReadonlyMap<string, MappedTensor>,
  heads: { readonly query: number; readonly key: number },
): WeightSource {
  return {
    tensors: new Map([...mapped].map(([name, { info }]) => [name, info])),
    hash(signal) {
      return hashWeights(
        [...mapped.values()].map(({ info, stored }) => ({ info, file, position: stored.position })),
        signal,
      );
    },
    async readRows(name, from, count, into) {
      const tensor = mapped.get(name);
      if (tensor === undefined) {
        throw new AppError(
          'TENSOR_MISSING',
          `Tensor "${name}" is missing from ${file.path}; check that the download is complete.`,
        );
      }
      rowsOf(tensor.info, from, count);
      switch (tensor.layout) {
        case 'same':
          return readStoredRows(file, tensor.stored, from, count, into);
        case 'plus-one':
          return (await readStoredRows(file, tensor.stored, from, count)).map((value) => value - 1);
        case 'transposed':
          return readColumns(file, tensor.stored, from, count);
        case 'interleaved-query':
          return readInterleaved(file, tensor.stored, from, count, heads.query);
        case 'interleaved-key':
          return readInterleaved(file, tensor.stored, from, count, heads.key);
      }
    },
    close: () => file.close(),
  };
}

/** Rows as the file has them; a vector has one value per row. @param into as in `WeightSource.readRows` */
export async function readStoredRows(
  file: ByteFile,
  tensor: GgufTensor,
  from: number,
  count: number,
  into?: Float32Array,
): Promise<Float32Array> {
  const width = valueCount(tensor.shape.slice(1));
  const block = blockOf(tensor.type);
  // Blocks lie along rows, but rows of a vector may begin inside one.
  const first = Math.floor((from * width) / block.values);
  const last = Math.ceil(((from + count) * width) / block.values);
  const length = (last - first) * block.values;
  const values = into?.length === length ? into : new Float32Array(length);
  const piece = Math.max(1, Math.floor(readChunkBytes / Math.max(block.bytes, 4 * block.values)));
  for (let at = first; at < last; at += piece) {
    const blocks = Math.min(piece, last - at);
    const bytes = await file.read(tensor.position + at * block.bytes, blocks * block.bytes);
    const begin = (at - first) * block.values;
    dequantize(tensor.type, bytes, values.subarray(begin, begin + blocks * block.values));
  }
  const skip = from * width - first * block.values;
  return values.subarray(skip, skip + count * width);
}

/** Columns `from … from+count-1` as rows: the whole tensor is read in pieces, only the columns asked for are kept. */
async function readColumns(file: ByteFile, tensor: GgufTensor, from: number, count: number): Promise<Float32Array> {
  const [rows = 0, width = 0] = tensor.shape;
  const result = new Float32Array(count * rows);
  const piece = Math.max(1, Math.floor(readChunkBytes / 4 / width));
  for (let first = 0; first < rows; first += piece) {
    const part = Math.min(piece, rows - first);
    const values = await readStoredRows(file, tensor, first, part);
    for (let row = 0; row < part; row++) {
      for (let column = 0; column < count; column++) {
        result[column * rows + first + row] = values[row * width + from + column] ?? 0;
      }
    }
  }
  return result;
}

/**
 * Undoes the interleaving of each head's rows: row 2i + p of a head here is its row p · size/2 + i at Hugging Face
 * (p = 0 for the first, 1 for the second rotary component).
 */
async function readInterleaved(
  file: ByteFile,
  tensor: GgufTensor,
  from: number,
  count: number,
  heads: number,
): Promise<Float32Array> {
  const rows = tensor.shape[0] ?? 0;
  const width = valueCount(tensor.shape.slice(1));
  const size = rows / heads;
  if (!Number.isInteger(size / 2)) {
    throw new AppError(
      'TENSOR_INVALID',
      `Tensor "${tensor.name}" of ${file.path} has ${rows} rows, which ${heads} heads of even size cannot share.`,
    );
  }
  const begin = Math.floor(from / size) * size;
  const end = Math.min(rows, Math.ceil((from + count) / size) * size);
  const values = await readStoredRows(file, tensor, begin, end - begin);
  const result = new Float32Array(count * width);
  for (let row = from; row < from + count; row++) {
    const inHead = row % size;
    const source = row - inHead + 2 * (inHead % (size / 2)) + Math.floor(inHead / (size / 2)) - begin;
    result.set(values.subarray(source * width, (source + 1) * width), (row - from) * width);
  }
  return result;
}
