/** The adapter exactly as it was trained. The format is described in docs/native-adapter.md. */
import { join } from 'node:path';
import type { TargetMatrix } from '../contract/model.ts';
import type { MethodConfig } from '../contract/methods.schema.ts';
import { transposedMatrices } from '../models/transposed.ts';
import { writeAdapterFile } from '../training/adapterFile.ts';
import { AppError } from '../util/appError.ts';
import { writeFileAtomic } from '../util/fsAtomic.ts';
import { adapterCard } from './adapterCard.ts';
import type { ExportPlan, ExportSource } from './exportPlan.ts';
import { valueCount } from '../util/valueCount.ts';

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
export function planNativeAdapter(source: ExportSource): ExportPlan {
  const { model, run, adapters } = source;
  if (run === undefined || adapters === undefined) {
    throw new AppError(
      'SETTINGS_INVALID',
      `${model.summary.path} is a model, not a run, and holds no adapter; choose the format hf, gguf or ollama.`,
    );
  }
  const tensors = adapters.stateTensors();
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
    tensors: [...tensors].map(([name, { shape }]) => {
      return { name, shape, type: 'F32', bytes: 4 * valueCount(shape) };
    }),
    notes: [],
    async write(folder, { onProgress }) {
      const { method, base } = config;
      await writeAdapterFile(join(folder, nativeFile), { method, base, tensors });
      onProgress(1, 1);
      await writeFileAtomic(join(folder, nativeConfigFile), `${JSON.stringify(config, null, 2)}\n`);
      await writeFileAtomic(join(folder, 'README.md'), adapterCard(source, 'native'));
      return new Map();
    },
  };
}
