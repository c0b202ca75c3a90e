import { basename } from 'node:path';
import { exportHuggingFace } from '../../export/exportHuggingFace.ts';
import { modelCard } from '../../export/modelCard.ts';
import { writtenType } from '../../export/writtenType.ts';
import { openModel } from '../../models/open.ts';
import { appVersion } from '../../util/appVersion.ts';
import { loadAdapters } from '../loadedModels.ts';
import { chooseCheckpoint } from '../modelOrRun.ts';
import { probeBatch } from '../probeBatch.ts';
import type { EngineServices } from '../services.ts';
import type { Operation } from './operation.ts';

/** Merges a run into its base model, writes it and checks what was written. */
export function exportRun(services: EngineServices): Operation<'export.run'> {
  return async (request, { signal, emit }) => {
    await services.loaded.release();
    const checkpoint = await chooseCheckpoint(request.run, request.checkpoint);
    const { kernels } = await services.backend();
    const model = await openModel(checkpoint.record.model.path, signal);
    try {
      const adapters = await loadAdapters(kernels, model, checkpoint, signal);
      try {
        const card = modelCard({
          name: basename(request.out),
          base: model.summary,
          run: checkpoint.record,
          checkpointStep: checkpoint.step,
          appVersion,
          dataName: basename(checkpoint.record.config.data.path),
        });
        return await exportHuggingFace(
          {
            model,
            adapters,
            kernels,
            out: request.out,
            type: writtenType(request.dtype, model.summary),
            modelCard: card,
            probe: await probeBatch(model, checkpoint.record.config, signal),
            onProgress: emit,
          },
          signal,
        );
      } finally {
        adapters.dispose();
      }
    } finally {
      await model.close();
    }
  };
}
