/** The adapter exactly as it was trained. The format is described in docs/native-adapter.md. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TargetMatrix } from '../contract/model.ts';
import type { MethodConfig } from '../contract/methods.schema.ts';
import { SafetensorsFile } from '../models/safetensors/reader.ts';
import { isFloatType } from '../models/safetensors/reader.ts';
import { transposedMatrices } from '../models/transposed.ts';
import { AppError } from '../util/appError.ts';
import { writeFileAtomic } from '../util/fsAtomic.ts';
import { adapterCard } from './adapterCard.ts';
import type { ExportPlan, ExportSource } from './exportPlan.ts';

export const nativeFile = 'adapter.safetensors';
export const nativeConfigFile = 'adapter.json';

/** adapter.json. */
export interface NativeConfig {
  readonly format: 'sara-studio-adapter';
  readonly version: 1;
  readonly method: MethodConfig;
  readonly base: { readonly name: string; readonly family: string; readonly sha256: string };
  /** In the order of the model. `shape` is [d_out, d_in]; `transposed` says that the base stores [d_in, d_out]. */
  readonly matrices: readonly (TargetMatrix & { readonly rank: number; readonly transposed: boolean })[];
}

/** @throws AppError SETTINGS_INVALID when there is no adapter */
export async function planNativeAdapter(source: ExportSource): Promise<ExportPlan> {
  const { model, run } = source;
  if (run === undefined) {
    throw new AppError(
      'SETTINGS_INVALID',
      `${model.summary.path} is a model, not a run, and holds no adapter; choose the format hf, gguf or ollama.`,
    );
  }
  const file = await SafetensorsFile.open(run.adapterFile);
  const entries = [...file.entries.values()];
  await file.close();
  const transposed = transposedMatrices(model.arch);
  const { record } = run;
  const config: NativeConfig = {
    format: 'sara-studio-adapter',
    version: 1,
    method: record.config.method,
    base: { name: record.model.name, family: record.model.family, sha256: record.model.hash },
    matrices: record.ranks.map(({ name, layer, module, shape, rank }) => ({
      name,
      layer,
      module,
      shape,
      rank,
      transposed: transposed.has(name),
    })),
  };
  return {
    format: 'native',
    type: 'F32',
    tensors: entries.map(({ name, shape, dtype, bytes }) => ({
      name,
      shape,
      type: isFloatType(dtype) ? dtype : 'F32',
      bytes,
    })),
    notes: [],
    async write(folder, { onProgress }) {
      const { size } = await stat(run.adapterFile);
      await writeFileAtomic(join(folder, nativeFile), await readFile(run.adapterFile));
      onProgress(size, size);
      await writeFileAtomic(join(folder, nativeConfigFile), `${JSON.stringify(config, null, 2)}\n`);
      await writeFileAtomic(join(folder, 'README.md'), adapterCard(source, 'native'));
    },
  };
}
