/** Safetensors files as a source of weights under canonical Hugging Face names. */
import { AppError } from '../../util/appError.ts';
import type { TensorInfo, WeightSource } from '../types.ts';
import { hashWeights } from '../weightHash.ts';
import { rowsOf } from '../tensorShape.ts';
import { isFloatType } from './reader.ts';
import type { ModelFiles } from './shards.ts';

/**
 * @param storedNames canonical name → name in the files; tensors that are not in it stay out.
 * @param where what to name in errors: the model folder.
 */
export function safetensorsWeights(
  { files, fileOf }: ModelFiles,
  storedNames: ReadonlyMap<string, string>,
  where: string,
): WeightSource {
  const tensors = new Map<string, TensorInfo>();
  for (const [name, stored] of storedNames) {
    const entry = fileOf.get(stored)?.entry(stored);
    if (entry === undefined || !isFloatType(entry.dtype)) continue;
    tensors.set(name, { name, shape: entry.shape, type: entry.dtype, bytes: entry.bytes });
  }
  function place(name: string): { info: TensorInfo; stored: string; file: ModelFiles['files'][number] } {
    const info = tensors.get(name);
    const stored = storedNames.get(name);
    const file = stored === undefined ? undefined : fileOf.get(stored);
    if (info === undefined || stored === undefined || file === undefined) {
      throw new AppError(
        'TENSOR_MISSING',
        `Tensor "${name}" is missing from ${where}; check that the download is complete.`,
      );
    }
    return { info, stored, file };
  }
  return {
    tensors,
    async hash(signal) {
      const placed = [...tensors.keys()].map((name) => {
        const { info, stored, file } = place(name);
        return { info, file: file.file, position: file.entry(stored).position };
      });
      return hashWeights(placed, signal);
    },
    async readRows(name, from, count, into) {
      const { info, stored, file } = place(name);
      const { start, length } = rowsOf(info, from, count);
      return file.readValues(stored, start, length, into);
    },
    async close() {
      await Promise.all(files.map((file) => file.close()));
    },
  };
}
