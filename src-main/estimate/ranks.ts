import { cachedSpectra } from '../analysis/analyse.ts';
import type { MatrixSpectrum } from '../contract/analysis.ts';
import type { TargetMatrix } from '../contract/model.ts';
import type { TrainConfig } from '../contract/requests.schema.ts';
import type { AdapterRank } from '../contract/training.ts';
import { methodOf, planAdapters } from '../methods/registry.ts';
import type { OpenedModel } from '../models/types.ts';
import { chooseTargets } from '../training/chooseTargets.ts';

export interface EstimatedRanks {
  readonly ranks: readonly AdapterRank[];
  /** The model has not been analysed, so the ranks are upper bounds. */
  readonly atMost: boolean;
}

/**
 * The ranks of a run, without computing a spectrum. Of a matrix whose spectrum is not in the cache, the largest rank
 * that the rule can give: the k leading of p descending values hold at least the share k/p of their sum (and of the sum
 * of their squares), so k(m) ≤ ⌈m p⌉.
 * @throws AppError SETTINGS_INVALID for an unknown module, CANCELLED
 */
export async function estimateRanks(
  model: OpenedModel,
  config: TrainConfig,
  signal: AbortSignal,
): Promise<EstimatedRanks> {
  const targets = chooseTargets(model.summary.targets, config.targets, config.layers);
  if (!methodOf(config.method).needsSpectra(config.method)) {
    return { ranks: planAdapters(targets, config.method, new Map()), atMost: false };
  }
  const known = await cachedSpectra(model, targets, signal);
  const spectra = new Map(targets.map((target) => [target.name, known.get(target.name) ?? flattest(target)]));
  return { ranks: planAdapters(targets, config.method, spectra), atMost: known.size < targets.length };
}

/** The spectrum with the largest k at every m: all values equal. */
function flattest(target: TargetMatrix): MatrixSpectrum {
  return { ...target, singularValues: new Float32Array(Math.min(...target.shape)).fill(1) };
}
