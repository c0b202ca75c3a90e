/** Opens what an export wrote as the program it is made for would: from its files alone. */
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ExportFormat } from '../contract/exportFormats.ts';
import type { AdapterSet } from '../methods/types.ts';
import { ByteFile, readError } from '../models/byteFile.ts';
import { readGgufHeader } from '../models/gguf/header.ts';
import { isJsonObject, readJsonObject } from '../models/jsonFile.ts';
import { openModel } from '../models/open.ts';
import type { OpenedModel } from '../models/types.ts';
import type { Kernels } from '../tensor/kernels.ts';
import { AppError } from '../util/appError.ts';
import { nativeConfigFile } from './nativeAdapter.ts';
import { readLoraGguf, readNativeAdapter, readPeftAdapter } from './readAdapters.ts';

export interface OpenedExport {
  readonly format: ExportFormat;
  /** The written model; for an adapter its base. */
  readonly model: OpenedModel;
  /** Adapters on it; undefined for a whole model. */
  readonly adapters: AdapterSet | undefined;
  close(): Promise<void>;
}

/** A folder or file of an export. */
export interface ExportPlace {
  readonly format: ExportFormat;
  /** The file to open for a GGUF, else the folder. */
  readonly path: string;
}

/**
 * What kind of export lies at a path.
 * @throws AppError FILE_NOT_FOUND, FILE_UNREADABLE, CONFIG_INVALID when it is none
 */
export async function recogniseExport(path: string): Promise<ExportPlace> {
  let isFolder: boolean;
  try {
    isFolder = (await stat(path)).isDirectory();
  } catch (error) {
    throw readError(path, error);
  }
  if (!isFolder) return recogniseGguf(path);
  const names = await readdir(path);
  if (names.includes('adapter_config.json')) {
    const { rank_pattern: ranks } = await readJsonObject(join(path, 'adapter_config.json'));
    const compact = isJsonObject(ranks) && Object.keys(ranks).length > 0;
    return { format: compact ? 'peft-compact' : 'peft', path };
  }
  if (names.includes(nativeConfigFile)) return { format: 'native', path };
  if (names.includes('config.json')) return { format: 'hf', path };
  const ggufs = names.filter((name) => name.endsWith('.gguf'));
  const [only] = ggufs;
  if (only !== undefined && ggufs.length === 1) {
    const place = await recogniseGguf(join(path, only));
    return names.includes('Modelfile') ? { ...place, format: 'ollama' } : place;
  }
  throw new AppError(
    'CONFIG_INVALID',
    `${path} holds no export: neither config.json, adapter_config.json, adapter.json nor one GGUF file; choose the folder that an export wrote.`,
  );
}

async function recogniseGguf(path: string): Promise<ExportPlace> {
  if (!basename(path).toLowerCase().endsWith('.gguf')) {
    throw new AppError('CONFIG_INVALID', `${path} is not a GGUF file; choose a .gguf file or the folder of an export.`);
  }
  const file = await ByteFile.open(path);
  try {
    const type = (await readGgufHeader(file)).metadata.get('general.type');
    return { format: type === 'adapter' ? 'lora-gguf' : 'gguf', path };
  } finally {
    await file.close();
  }
}

/**
 * @param base model that adapters are put on; stays the caller’s
 * @throws AppError as opening a model does; CONFIG_INVALID, TENSOR_MISSING, CHECKPOINT_DAMAGED for adapters
 */
export async function openExport(
  { format, path }: ExportPlace,
  base: OpenedModel,
  kernels: Kernels,
  signal: AbortSignal,
): Promise<OpenedExport> {
  switch (format) {
    case 'hf':
    case 'gguf':
    case 'ollama': {
      const model = await openModel(path, signal);
      return { format, model, adapters: undefined, close: () => model.close() };
    }
    case 'peft':
    case 'peft-compact':
      return onBase(format, base, await readPeftAdapter(path, base, kernels, signal));
    case 'lora-gguf':
      return onBase(format, base, await readLoraGguf(path, base, kernels, signal));
    case 'native':
      return onBase(format, base, await readNativeAdapter(path, kernels, signal));
  }
}

function onBase(format: ExportFormat, model: OpenedModel, adapters: AdapterSet): OpenedExport {
  return {
    format,
    model,
    adapters,
    close: async () => Promise.resolve(adapters.dispose()),
  };
}
