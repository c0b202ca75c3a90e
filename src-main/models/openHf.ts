/** Opens a Hugging Face model folder: config.json, safetensors, tokenizer files. */
import { access } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../util/appError.ts';
import { readAtMost } from '../util/readAtMost.ts';
import { readError } from './byteFile.ts';
import { configInvalid, variantUnsupported } from './families/configFields.ts';
import { isTied, type Family } from './families/family.ts';
import { findFamily } from './families/registry.ts';
import { isJsonObject, jsonLimits, readJsonObject, type JsonObject } from './jsonFile.ts';
import { findLicence, licenceFiles } from './licence.ts';
import { finishModel } from './openedModel.ts';
import { isFloatType, notFloat } from './safetensors/reader.ts';
import { openModelFiles, type ModelFiles } from './safetensors/shards.ts';
import { safetensorsWeights } from './safetensors/weights.ts';
import { readTokenizerFiles } from './tokenizer/tokenizerFiles.ts';
import type { CarriedFile, OpenedModel } from './types.ts';

const carriedNames = [
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.json',
  'merges.txt',
  'tokenizer.model',
  'chat_template.jinja',
  'chat_template.json',
  'generation_config.json',
] as const;

/** Buffers that old checkpoints carry although they are computed: rotary frequencies, GPT-2's causal masks. */
const computedBuffers = /\.rotary_emb\.inv_freq$|\.attn\.(bias|masked_bias)$/;

/**
 * @throws AppError FILE_NOT_FOUND, FILE_UNREADABLE, CONFIG_INVALID, SAFETENSORS_INVALID, TENSOR_MISSING, TENSOR_INVALID
 */
export async function openHfModel(folder: string): Promise<OpenedModel> {
  const place = path.join(folder, 'config.json');
  const config = await readConfig(folder, place);
  const modelType = config['model_type'];
  if (typeof modelType !== 'string') throw configInvalid(place, 'has no model_type');
  const family = findFamily(modelType);
  const files = await openModelFiles(folder);
  try {
    const storedNames = canonicalNames(files, family, config);
    const source = safetensorsWeights(files, storedNames, folder);
    return await finishModel({
      path: folder,
      name: modelName(folder, config),
      format: 'hf',
      modelType,
      config,
      configPlace: place,
      ...quantised(config, place),
      source,
      findTensor: (name) => source.tensors.get(name) ?? refuseIntegers(files, storedNames.get(name)),
      licence: await findLicence(folder),
      tokenizerFiles: () => readTokenizerFiles(folder),
      carriedFiles: await carriedFilesOf(folder),
      warnings: [],
    });
  } catch (error) {
    await Promise.all(files.files.map((file) => file.close()));
    throw error;
  }
}

async function readConfig(folder: string, place: string): Promise<JsonObject> {
  try {
    return await readJsonObject(place);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'FILE_NOT_FOUND') throw error;
    throw new AppError(
      'FILE_NOT_FOUND',
      `${folder} has no config.json; choose the folder that holds config.json and the weights, or a .gguf file.`,
    );
  }
}

/** The folder's name; for a snapshot in the hub's cache, whose folders are named by commit, the repository's. */
function modelName(folder: string, config: JsonObject): string {
  const base = path.basename(path.resolve(folder));
  const repository = /models--(.+)$/.exec(path.basename(path.dirname(path.dirname(path.resolve(folder)))))?.[1];
  if (repository !== undefined) return repository.replaceAll('--', '/');
  const stated = config['_name_or_path'];
  return base !== '' ? base : typeof stated === 'string' ? stated : 'model';
}

/**
 * Canonical name → stored name. Adds the prefix that checkpoints of the bare decoder lack and leaves out computed
 * buffers and, where head and embedding are tied, a copy of the head.
 */
function canonicalNames(files: ModelFiles, family: Family | undefined, config: JsonObject): Map<string, string> {
  const stored = [...files.fileOf.keys()];
  const prefix = family?.prefix ?? '';
  const bare = prefix !== '' && !stored.some((name) => name.startsWith(prefix));
  const tied = family !== undefined && isTied(family, config);
  const names = new Map<string, string>();
  for (const name of stored) {
    if (computedBuffers.test(name) || (tied && name === 'lm_head.weight')) continue;
    names.set(bare && !name.startsWith('lm_head.') ? prefix + name : name, name);
  }
  return names;
}

/** Weights in GPTQ, AWQ, bitsandbytes or FP8 form are no plain floating-point tensors. */
function quantised(config: JsonObject, place: string): { reason?: string } {
  const quantisation = config['quantization_config'];
  if (!isJsonObject(quantisation)) return {};
  const method = quantisation['quant_method'];
  const name = typeof method === 'string' ? ` (${method})` : '';
  return { reason: variantUnsupported(place, `quantised weights${name}`).message };
}

function refuseIntegers(files: ModelFiles, stored: string | undefined): undefined {
  const file = stored === undefined ? undefined : files.fileOf.get(stored);
  if (stored === undefined || file === undefined) return undefined;
  const { dtype } = file.entry(stored);
  if (!isFloatType(dtype)) throw notFloat(file.path, stored, dtype);
  return undefined;
}

async function carriedFilesOf(folder: string): Promise<CarriedFile[]> {
  const candidates = [...carriedNames, ...(await licenceFiles(folder))];
  const carried: CarriedFile[] = [];
  for (const name of candidates) {
    const file = path.join(folder, name);
    try {
      await access(file);
    } catch {
      continue;
    }
    carried.push({ name, read: async () => readCarried(file) });
  }
  return carried;
}

async function readCarried(file: string): Promise<Uint8Array> {
  try {
    return await readAtMost(file, jsonLimits.tokenizerBytes);
  } catch (error) {
    if (error instanceof RangeError) {
      throw new AppError(
        'CONFIG_INVALID',
        `${file} cannot be taken along: ${error.message}; take it from the model’s source again.`,
        { cause: error },
      );
    }
    throw readError(file, error);
  }
}
