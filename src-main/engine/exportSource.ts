import { basename } from 'node:path';
import type { ExportSource } from '../export/exportPlan.ts';
import { openModel } from '../models/open.ts';
import { withOwnTemplate } from '../models/withOwnTemplate.ts';
import { appVersion } from '../util/appVersion.ts';
import { loadAdapters } from './loadedModels.ts';
import { resolveModelOrRun, type CheckpointChoice, type RunCheckpoint } from './modelOrRun.ts';
import type { EngineServices } from './services.ts';

type Options = Pick<ExportSource, 'dtype' | 'quant' | 'shardBytes'>;

/**
 * Opens a run, or a model as it is, for an export, and closes it after `use`. Models kept for answering are freed first:
 * an export needs the memory.
 * @param out what the export will be called after
 * @throws AppError as opening does; RUN_INVALID, CHECKPOINT_DAMAGED
 */
export async function withExportSource<T>(
  services: EngineServices,
  from: { readonly path: string; readonly checkpoint: CheckpointChoice },
  out: string,
  options: Options,
  signal: AbortSignal,
  use: (source: ExportSource, checkpoint: RunCheckpoint | undefined) => Promise<T>,
): Promise<T> {
  await services.loaded.release();
  const { modelPath, checkpoint } = await resolveModelOrRun(from.path, from.checkpoint);
  const { kernels } = await services.backend();
  const model = withOwnTemplate(await openModel(modelPath, signal), checkpoint?.record.config.data.chatTemplate);
  try {
    const adapters = checkpoint && (await loadAdapters(kernels, model, checkpoint, signal));
    try {
      const source: ExportSource = {
        model,
        kernels,
        adapters,
        run: checkpoint && { record: checkpoint.record, step: checkpoint.step },
        name: basename(out).replace(/\.gguf$/i, ''),
        appVersion,
        ...options,
      };
      return await use(source, checkpoint);
    } finally {
      adapters?.dispose();
    }
  } finally {
    await model.close();
  }
}
