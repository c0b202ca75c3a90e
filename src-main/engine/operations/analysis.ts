import { analyse } from '../../analysis/analyse.ts';
import { openModel } from '../../models/open.ts';
import { chooseTargets } from '../../training/chooseTargets.ts';
import { asProgress } from '../preparing.ts';
import type { EngineServices } from '../services.ts';
import type { Operation } from './operation.ts';

/** Singular values of every target matrix, from the cache where they are known. */
export function analysisRun(services: EngineServices): Operation<'analysis.run'> {
  return async (request, { signal, emit }) => {
    const model = await openModel(request.model, signal);
    try {
      return await analyse(
        {
          model,
          targets: chooseTargets(model.summary.targets, request.targets),
          kernels: async () => {
            await services.loaded.release();
            await services.prepareGpu(signal, asProgress(emit));
            return (await services.backend()).kernels;
          },
          onMatrix: emit,
          clock: services.clock,
        },
        signal,
      );
    } finally {
      await model.close();
    }
  };
}
