/** Writes safetensors files piece by piece. Format: https://github.com/huggingface/safetensors#format */
import { open } from 'node:fs/promises';
import { AppError } from '../../util/appError.ts';
import { writeError } from '../../util/fsAtomic.ts';

const bytesOf = { F32: 4, F16: 2, BF16: 2, I32: 4 } as const;
export type WrittenType = keyof typeof bytesOf;

export interface TensorToWrite {
  readonly name: string;
  readonly dtype: WrittenType;
  readonly shape: readonly number[];
  /** The values in row-major order, little-endian, in pieces of any size; asked for once. */
  pieces(): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/**
 * Writes and syncs a file whose data lie in the order given; the caller renames it into place.
 * @param metadata free text pairs of the header
 * @throws AppError DISK_FULL, NOT_WRITABLE; INTERNAL when a tensor's pieces do not add up to its shape
 */
export async function writeSafetensors(
  path: string,
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>>,
): Promise<void> {
  try {
    const handle = await open(path, 'w');
    try {
      await handle.writeFile(headerOf(tensors, metadata));
      for (const tensor of tensors) {
        let written = 0;
        for await (const piece of tensor.pieces()) {
          await handle.writeFile(piece);
          written += piece.byteLength;
        }
        if (written !== byteLength(tensor)) {
          throw new AppError(
            'INTERNAL',
            `Tensor ${tensor.name} gave ${String(written)} bytes for ${path} where its shape needs ${String(byteLength(tensor))}.`,
          );
        }
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw writeError(path, error);
  }
}

/** The values of a float32 array as a tensor to write. */
export function floatTensor(name: string, shape: readonly number[], values: Float32Array): TensorToWrite {
  return {
    name,
    dtype: 'F32',
    shape,
    pieces: () => [new Uint8Array(values.buffer, values.byteOffset, values.byteLength)],
  };
}

function byteLength({ shape, dtype }: TensorToWrite): number {
  return shape.reduce((product, size) => product * size, bytesOf[dtype]);
}

/** Length, then JSON padded with spaces so that the data begin at a multiple of 8. */
function headerOf(tensors: readonly TensorToWrite[], metadata: Readonly<Record<string, string>>): Uint8Array {
  const entries: [string, object][] = [];
  if (Object.keys(metadata).length > 0) entries.push(['__metadata__', metadata]);
  let position = 0;
  for (const tensor of tensors) {
    const end = position + byteLength(tensor);
    entries.push([tensor.name, { dtype: tensor.dtype, shape: tensor.shape, data_offsets: [position, end] }]);
    position = end;
  }
  const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const padded = Math.ceil(json.length / 8) * 8;
  const header = Buffer.alloc(8 + padded, ' ');
  header.writeBigUInt64LE(BigInt(padded), 0);
  json.copy(header, 8);
  return header;
}
