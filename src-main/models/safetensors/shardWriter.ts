/** Writes the weights of a model folder: one file, or numbered shards with an index. */
import path from 'node:path';
import { writeFileAtomic } from '../../util/fsAtomic.ts';
import { writeSafetensors, writtenBytes, type TensorToWrite, type WriteOptions } from './writer.ts';

/** What transformers has used by default for years. */
const defaultShardBytes = 5e9;

/**
 * @param maxShardBytes a single larger tensor still gets a shard of its own
 * @returns the sha256 of each file of weights, as it was handed to the disk, by name; an index is written beside several
 * @throws AppError DISK_FULL, NOT_WRITABLE, TENSOR_INVALID, CANCELLED
 */
export async function writeModelWeights(
  folder: string,
  tensors: readonly TensorToWrite[],
  maxShardBytes: number = defaultShardBytes,
  options: WriteOptions = {},
): Promise<ReadonlyMap<string, string>> {
  const shards = splitIntoShards(tensors, maxShardBytes);
  const total = tensors.reduce((sum, tensor) => sum + writtenBytes(tensor), 0);
  const names = shards.map((_, index) => shardName(index, shards.length));
  const digests = new Map<string, string>();
  let before = 0;
  for (const [index, shard] of shards.entries()) {
    const done = before;
    const name = names[index] ?? '';
    const digest = await writeSafetensors(path.join(folder, name), shard, {
      ...options,
      onProgress: (bytes) => options.onProgress?.(done + bytes, total),
    });
    digests.set(name, digest);
    before += shard.reduce((sum, tensor) => sum + writtenBytes(tensor), 0);
  }
  if (shards.length === 1) return digests;
  const weightMap = Object.fromEntries(shards.flatMap((shard, index) => shard.map(({ name }) => [name, names[index]])));
  const index = 'model.safetensors.index.json';
  const content = { metadata: { total_size: total }, weight_map: weightMap };
  await writeFileAtomic(path.join(folder, index), `${JSON.stringify(content, null, 2)}\n`);
  return digests;
}

function shardName(index: number, shards: number): string {
  if (shards === 1) return 'model.safetensors';
  const number = (n: number): string => String(n).padStart(5, '0');
  return `model-${number(index + 1)}-of-${number(shards)}.safetensors`;
}

function splitIntoShards(tensors: readonly TensorToWrite[], maxShardBytes: number): TensorToWrite[][] {
  let current: TensorToWrite[] = [];
  const shards = [current];
  let bytes = 0;
  for (const tensor of tensors) {
    const size = writtenBytes(tensor);
    if (current.length > 0 && bytes + size > maxShardBytes) {
      current = [];
      shards.push(current);
      bytes = 0;
    }
    current.push(tensor);
    bytes += size;
  }
  return shards;
}
