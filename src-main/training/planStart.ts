import type { MatrixSpectrum } from '../contract/analysis.ts';
import type { TrainConfig } from '../contract/requests.schema.ts';
import type { AdapterRank } from '../contract/training.ts';
import { countTrainable, methodOf, planAdapters } from '../methods/registry.ts';
import type { AdapterSet, MatrixFacts } from '../methods/types.ts';
import { archWeights } from '../models/archWeights.ts';
import { requireArch } from '../models/openedModel.ts';
import type { OpenedModel } from '../models/types.ts';
import { Rng } from '../util/rng.ts';
import { chooseTargets } from './chooseTargets.ts';
import { loadModelWeights } from './loadModelWeights.ts';
import type { TrainEnvironment } from './trainEnvironment.ts';

/** The adapters of a run before they are made. */
export interface PlannedAdapters {
  readonly ranks: readonly AdapterRank[];
  readonly trainable: number;
  /** The adapters at their start; a function of weights, settings and seed. */
  create(): Promise<AdapterSet>;
}

/**
 * Ranks of a new run, and how its adapters begin.
 * @param onProgress share of the spectra that are there, where the method needs any
 * @throws AppError SETTINGS_INVALID, NON_FINITE, CANCELLED
 */
export async function planStart(
  model: OpenedModel,
  config: TrainConfig,
  environment: TrainEnvironment,
  signal: AbortSignal,
  onProgress: (fraction: number) => void = () => undefined,
): Promise<PlannedAdapters> {
  const targets = chooseTargets(model.summary.targets, config.targets, config.layers);
  const method = methodOf(config.method);
  const spectra = method.needsSpectra(config.method)
    ? await environment.spectra(model, targets, signal, onProgress)
    : new Map<string, MatrixSpectrum>();
  const ranks = planAdapters(targets, config.method, spectra);
  const facts: MatrixFacts = {
    spectrum: (name) => spectra.get(name),
    modelWeights: (selected) => loadModelWeights(environment.kernels, model, selected, signal),
    rowNorms: (matrix) => environment.rowNorms(model, matrix, signal),
    singularVectors: (matrix, k) => environment.singularVectors(model, matrix, k, signal),
  };
  return {
    ranks,
    trainable: countTrainable(ranks, config.method, archWeights(requireArch(model))),
    create: () =>
      method.createAdapters(
        environment.kernels,
        ranks,
        config.method,
        facts,
        new Rng(config.seed).fork('adapters'),
        signal,
      ),
  };
}
