/** What the adapter of a method becomes in the formats that hold adapters. */
import { join } from 'node:path';
import { exportFormats, type ExportFormat } from '../contract/exportFormats.ts';
import type { MethodConfig } from '../contract/methods.schema.ts';
import type { AdapterRank, RunRecord } from '../contract/training.ts';
import { SafetensorsFile } from '../models/safetensors/reader.ts';

/** Why a format cannot hold what a method has trained, one sentence; undefined where it can. */
export function adapterRefusal(method: MethodConfig, format: ExportFormat): string | undefined {
  if (exportFormats[format].holds !== 'adapter' || format === 'native') return undefined;
  if (method.name === 'full') {
    return 'Full fine-tuning changes the weights themselves, so there is no adapter to put on the base model; export hf, gguf or ollama.';
  }
  if (method.name === 'dora' && format === 'lora-gguf') {
    return 'DoRA changes the length of every row of a weight, which a LoRA in a GGUF file cannot say; export gguf, with the adapter merged in, or peft.';
  }
  return undefined;
}

/** A matrix with the rank that its exported factors have. */
export type ExportedRank = Pick<AdapterRank, 'name' | 'shape' | 'rank'> & {
  /** Values besides A and B. */
  readonly further: number;
};

/**
 * The ranks of a run's adapters as products of two matrices: PiSSA's are doubled by its start values, and AdaLoRA's are
 * those that are left.
 * @param folder of the checkpoint
 * @throws AppError SAFETENSORS_INVALID, FILE_NOT_FOUND
 */
export async function exportedRanks({ ranks, config }: RunRecord, folder: string): Promise<ExportedRank[]> {
  const { method } = config;
  const living = method.name === 'adalora' ? await livingRanks(join(folder, 'adapter.safetensors')) : undefined;
  return ranks.map(({ name, shape, rank }) => ({
    name,
    shape,
    rank: method.name === 'pissa' ? 2 * rank : Math.max(1, living?.get(name) ?? rank),
    further: method.name === 'dora' ? shape[0] : 0,
  }));
}

/** For each matrix how many entries of its λ are not 0. */
async function livingRanks(path: string): Promise<Map<string, number>> {
  const file = await SafetensorsFile.open(path);
  try {
    const living = new Map<string, number>();
    for (const { name, shape } of file.entries.values()) {
      const [, matrix] = /^(.+)\.lambda$/.exec(name) ?? [];
      if (matrix === undefined) continue;
      const values = await file.readValues(name, 0, shape[0] ?? 0);
      living.set(matrix, values.filter((value) => value !== 0).length);
    }
    return living;
  } finally {
    await file.close();
  }
}
