import { openModel } from '../../models/open.ts';
import { compressRun } from '../../training/compressRun.ts';
import { loadAdapters } from '../loadedModels.ts';
import { chooseCheckpoint } from '../modelOrRun.ts';
import { asProgress } from '../preparing.ts';
import type { EngineServices } from '../services.ts';
import type { Operation } from './operation.ts';

/** Cuts the adapters of a run at shares of their energy, and measures what that costs. */
export function adapterCompress(services: EngineServices): Operation<'adapter.compress'> {
  return async ({ run, checkpoint: role, step, energies, out }, context) => {
    await services.loaded.release();
    await services.prepareGpu(context.signal, asProgress(context.emit));
    const { kernels } = await services.backend();
    const checkpoint = await chooseCheckpoint(run, step ?? role);
    const model = await openModel(checkpoint.record.model.path, context.signal);
    try {
      const adapters = await loadAdapters(kernels, model, checkpoint, context.signal);
      try {
        const source = { ...checkpoint, model, kernels, adapters, clock: services.clock };
        return await compressRun(source, energies, out, context);
      } finally {
        adapters.dispose();
      }
    } finally {
      await model.close();
    }
  };
}
