import { analyse } from '../analysis/analyse.ts';
import { loadMatrix } from '../analysis/readMatrix.ts';
import type { MatrixSpectrum } from '../contract/analysis.ts';
import { rowNorms } from '../models/rowNorms.ts';
import { transposedMatrices } from '../models/transposed.ts';
import type { OpenedModel } from '../models/types.ts';
import { truncatedSvd } from '../svd/truncatedSvd.ts';
import type { TrainEnvironment } from '../training/trainEnvironment.ts';
import { appVersion } from '../util/appVersion.ts';
import type { EngineServices } from './services.ts';

/** What a training takes from the engine: kernels, the clock, and spectra from the cache or computed. */
export async function trainEnvironment(services: EngineServices): Promise<TrainEnvironment> {
  const { kernels } = await services.backend();
  const known = new WeakMap<OpenedModel, ReadonlyMap<string, MatrixSpectrum>>();
  return {
    kernels,
    clock: services.clock,
    appVersion,
    async spectra(model, targets, signal, onProgress) {
      const analysis = await analyse(
        {
          model,
          targets,
          kernels: () => Promise.resolve(kernels),
          onMatrix: ({ done, total }) => onProgress(done / total),
          clock: services.clock,
        },
        signal,
      );
      const spectra = new Map(analysis.matrices.map((matrix) => [matrix.name, matrix]));
      known.set(model, spectra);
      return spectra;
    },
    rowNorms: (model, matrix, signal) =>
      rowNorms(model.source, matrix, transposedMatrices(model.arch).has(matrix.name), signal),
    async singularVectors(model, matrix, k, signal) {
      const { tensor } = await loadMatrix(kernels, model.source, matrix, signal);
      const stored = transposedMatrices(model.arch).has(matrix.name);
      const W = stored ? kernels.transpose(kernels.take(tensor), [1, 0]) : tensor;
      try {
        return truncatedSvd(kernels, W, matrix.shape, k, known.get(model)?.get(matrix.name)?.singularValues);
      } finally {
        kernels.free(W);
      }
    },
  };
}
