/** Which safetensors files make up a model folder. */
import path from 'node:path';
import { AppError } from '../../util/appError.ts';
import { isJsonObject, jsonLimits, readOptionalJsonObject } from '../jsonFile.ts';
import { SafetensorsFile } from './reader.ts';

const singleFile = 'model.safetensors';
const indexFile = 'model.safetensors.index.json';

export interface ModelFiles {
  readonly files: readonly SafetensorsFile[];
  /** The file that holds each tensor. */
  readonly fileOf: ReadonlyMap<string, SafetensorsFile>;
}

/**
 * Opens `model.safetensors`, or every shard that `model.safetensors.index.json` names.
 * @throws AppError FILE_NOT_FOUND, SAFETENSORS_INVALID, TENSOR_MISSING, CONFIG_INVALID
 */
export async function openModelFiles(folder: string): Promise<ModelFiles> {
  const index = await readOptionalJsonObject(path.join(folder, indexFile), jsonLimits.tokenizerBytes);
  if (index === undefined) {
    const file = await openSingle(folder);
    return { files: [file], fileOf: new Map([...file.entries.keys()].map((name) => [name, file])) };
  }
  return openShards(folder, readWeightMap(folder, index['weight_map']));
}

async function openSingle(folder: string): Promise<SafetensorsFile> {
  try {
    return await SafetensorsFile.open(path.join(folder, singleFile));
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'FILE_NOT_FOUND') throw error;
    throw new AppError(
      'FILE_NOT_FOUND',
      `${folder} holds neither ${singleFile} nor ${indexFile}; choose a folder with safetensors weights, or a .gguf file.`,
    );
  }
}

function readWeightMap(folder: string, weightMap: unknown): Map<string, string> {
  const place = path.join(folder, indexFile);
  if (!isJsonObject(weightMap)) {
    throw new AppError('CONFIG_INVALID', `${place} has no "weight_map"; take it from the model’s source again.`);
  }
  const shardOf = new Map<string, string>();
  for (const [tensor, shard] of Object.entries(weightMap)) {
    if (typeof shard !== 'string' || !isPlainFileName(shard)) {
      throw new AppError(
        'SAFETENSORS_INVALID',
        `${place} places tensor "${tensor}" in ${JSON.stringify(shard)}; a shard must lie in the model folder itself.`,
      );
    }
    shardOf.set(tensor, shard);
  }
  return shardOf;
}

/** A name without folders. What it links to is the person's own doing: the hub's cache links every file so. */
function isPlainFileName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\\:\0]/.test(name);
}

async function openShards(folder: string, shardOf: ReadonlyMap<string, string>): Promise<ModelFiles> {
  const opened = new Map<string, SafetensorsFile>();
  try {
    const fileOf = new Map<string, SafetensorsFile>();
    for (const [tensor, shard] of shardOf) {
      let file = opened.get(shard);
      if (file === undefined) {
        file = await SafetensorsFile.open(path.join(folder, shard));
        opened.set(shard, file);
      }
      if (!file.entries.has(tensor)) {
        throw new AppError(
          'TENSOR_MISSING',
          `Tensor "${tensor}" is missing from ${file.path}, where ${indexFile} places it; download the shard again.`,
        );
      }
      fileOf.set(tensor, file);
    }
    return { files: [...opened.values()], fileOf };
  } catch (error) {
    await Promise.all([...opened.values()].map((file) => file.close()));
    throw error;
  }
}
