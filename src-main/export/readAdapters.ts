/** Exported adapters read back from their files, scaled as the programs they are made for scale them. */
import { join } from 'node:path';
import type { TargetMatrix } from '../contract/model.ts';
import { doraSchema, loraSchema, methodSchema, type MethodConfig } from '../contract/methods.schema.ts';
import type { AdapterSet, AdapterTensor, PlannedMatrix } from '../methods/types.ts';
import { ByteFile } from '../models/byteFile.ts';
import { ggufTensorName } from '../models/families/ggufNames.ts';
import { readGgufHeader, type GgufTensor } from '../models/gguf/header.ts';
import { ggufWeights, type MappedTensor } from '../models/gguf/weights.ts';
import { isJsonObject, readJsonObject } from '../models/jsonFile.ts';
import { rowNorms } from '../models/rowNorms.ts';
import { transposedMatrices } from '../models/transposed.ts';
import { requireArch } from '../models/openedModel.ts';
import type { OpenedModel } from '../models/types.ts';
import type { Kernels } from '../tensor/kernels.ts';
import { readAdapterFile, readTensors } from '../training/adapterFile.ts';
import { restoreAdapters } from '../training/restoreAdapters.ts';
import { AppError } from '../util/appError.ts';
import { ggufFamilyOf } from './ggufTensors.ts';
import { nativeConfigFile, nativeFile } from './nativeAdapter.ts';

const peftTensor = /^base_model\.model\.(.+)\.(lora_A\.weight|lora_B\.weight|lora_magnitude_vector)$/;
const partNames: Readonly<Record<string, string>> = {
  'lora_A.weight': 'A',
  'lora_B.weight': 'B',
  lora_magnitude_vector: 'magnitude',
};

/** @throws AppError CONFIG_INVALID, SAFETENSORS_INVALID, CHECKPOINT_DAMAGED */
export async function readPeftAdapter(
  folder: string,
  base: OpenedModel,
  kernels: Kernels,
  signal: AbortSignal,
): Promise<AdapterSet> {
  const place = join(folder, 'adapter_config.json');
  const config = await readJsonObject(place);
  const { r, lora_alpha: alpha, rank_pattern: pattern, target_modules: modules } = config;
  if (typeof r !== 'number' || typeof alpha !== 'number' || !Array.isArray(modules)) {
    throw invalid(place, 'has no r, lora_alpha or target_modules');
  }
  const { tensors } = await readTensors(join(folder, 'adapter_model.safetensors'));
  const rankOf = (name: string): number => {
    const own = isJsonObject(pattern) ? pattern[name] : undefined;
    return typeof own === 'number' ? own : r;
  };
  const parts = new Map<string, AdapterTensor>();
  for (const [name, tensor] of tensors) {
    const [, matrix, part] = peftTensor.exec(name) ?? [];
    if (matrix === undefined || part === undefined) throw invalid(folder, `holds the unknown tensor ${name}`);
    parts.set(`${matrix}.${partNames[part] ?? part}`, tensor);
  }
  const matrices = targetsNamed(base, modules.map(String)).map((matrix) => ({ ...matrix, rank: rankOf(matrix.name) }));
  if (config['use_dora'] !== true) return lowRank(kernels, matrices, alpha, parts, signal);
  const transposed = transposedMatrices(base.arch);
  for (const matrix of matrices) {
    const data = await rowNorms(base.source, matrix, transposed.has(matrix.name), signal);
    parts.set(`${matrix.name}.norm`, { shape: [data.length], data });
  }
  return restoreAdapters(kernels, matrices, doraSchema.parse({ name: 'dora', rank: r, alpha }), parts, signal);
}

/** @throws AppError CONFIG_INVALID, GGUF_INVALID, CHECKPOINT_DAMAGED */
export async function readLoraGguf(
  path: string,
  base: OpenedModel,
  kernels: Kernels,
  signal: AbortSignal,
): Promise<AdapterSet> {
  const family = ggufFamilyOf(base);
  const { heads: query, kvHeads: key } = requireArch(base);
  const file = await ByteFile.open(path);
  try {
    const header = await readGgufHeader(file);
    const alpha = header.metadata.get('adapter.lora.alpha');
    if (typeof alpha !== 'number') throw invalid(path, 'has no adapter.lora.alpha');
    const mapped = new Map<string, MappedTensor>();
    const matrices: PlannedMatrix[] = [];
    for (const matrix of base.summary.targets) {
      const place = ggufTensorName(family, `${matrix.name}.weight`);
      const a = header.tensors.get(`${place?.name ?? ''}.lora_a`);
      const b = header.tensors.get(`${place?.name ?? ''}.lora_b`);
      if (place === undefined || a === undefined || b === undefined) continue;
      const layout = place.layout === 'transposed' ? 'same' : place.layout;
      mapped.set(`${matrix.name}.A`, mappedAs(a, 'same'));
      mapped.set(`${matrix.name}.B`, mappedAs(b, layout));
      matrices.push({ ...matrix, rank: a.shape[0] ?? 0 });
    }
    const source = ggufWeights(file, mapped, { query, key });
    const parts = new Map<string, AdapterTensor>();
    for (const [name, { info }] of mapped) {
      parts.set(name, { shape: info.shape, data: await source.readRows(name, 0, info.shape[0] ?? 0) });
    }
    return await lowRank(kernels, matrices, alpha, parts, signal);
  } finally {
    await file.close();
  }
}

/** @throws AppError CONFIG_INVALID, CHECKPOINT_DAMAGED */
export async function readNativeAdapter(folder: string, kernels: Kernels, signal: AbortSignal): Promise<AdapterSet> {
  const place = join(folder, nativeConfigFile);
  const config = await readJsonObject(place);
  const { matrices } = config;
  const method = methodSchema.safeParse(config['method']);
  if (!method.success || !Array.isArray(matrices)) throw invalid(place, 'has no method or no matrices');
  const { tensors } = await readAdapterFile(join(folder, nativeFile));
  return restoreAdapters(kernels, matrices as readonly PlannedMatrix[], method.data, tensors, signal);
}

/** alpha / rank of each matrix is its scale, as in PEFT and llama.cpp. */
async function lowRank(
  kernels: Kernels,
  matrices: readonly PlannedMatrix[],
  alpha: number,
  parts: ReadonlyMap<string, AdapterTensor>,
  signal: AbortSignal,
): Promise<AdapterSet> {
  const rank = Math.max(1, ...matrices.map((matrix) => matrix.rank));
  const method: MethodConfig = loraSchema.parse({ name: 'lora', rank, alpha });
  return restoreAdapters(kernels, matrices, method, parts, signal);
}

function targetsNamed(base: OpenedModel, names: readonly string[]): TargetMatrix[] {
  const wanted = new Set(names);
  return base.summary.targets.filter(({ name }) => wanted.has(name));
}

function mappedAs(stored: GgufTensor, layout: MappedTensor['layout']): MappedTensor {
  const { name, shape, type, bytes } = stored;
  return { info: { name, shape, type, bytes }, stored, layout };
}

function invalid(place: string, fault: string): AppError {
  return new AppError('CONFIG_INVALID', `${place} ${fault}; export the adapter again.`);
}
