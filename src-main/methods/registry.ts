import type { MethodConfig } from '../contract/methods.schema.ts';
import type { TargetMatrix } from '../contract/model.ts';
import type { AdapterRank } from '../contract/training.ts';
import { weightSize, type ModelWeight } from '../models/archWeights.ts';
import { adalora } from './adalora/method.ts';
import { dora } from './dora/method.ts';
import { full } from './full/method.ts';
import { lora } from './lora/method.ts';
import type { Method, Spectra } from './method.ts';
import { mosara } from './mosara/method.ts';
import { pissa } from './pissa/method.ts';
import { sara } from './sara/method.ts';

type MethodNamed<Name extends MethodConfig['name']> = Method<Extract<MethodConfig, { name: Name }>>;

const methods: { readonly [Name in MethodConfig['name']]: MethodNamed<Name> } = {
  sara,
  lora,
  pissa,
  mosara,
  dora,
  adalora,
  full,
};

/** The method that a configuration is of. */
export function methodOf<Config extends MethodConfig>(config: Config): Method<Config> {
  // TypeScript cannot pair the map's entry with the configuration of the same name.
  return methods[config.name] as unknown as Method<Config>;
}

/**
 * Rank and trainable parameters of each matrix.
 * @param spectra of at least the `matrices`; only looked at where the method needs them
 */
export function planAdapters(matrices: readonly TargetMatrix[], config: MethodConfig, spectra: Spectra): AdapterRank[] {
  const method = methodOf(config);
  const ranks = method.ranks(matrices, config, spectra);
  return matrices.map(({ name, layer, module, shape }, i) => {
    const rank = ranks[i] ?? 1;
    return { name, layer, module, shape, rank, trainable: method.countParameters(shape, rank, config) };
  });
}

/**
 * Trainable parameters of a run: those of its adapters, or of the model's own tensors that it trains.
 * @param ranks of {@link planAdapters}; `weights` every tensor of the model
 */
export function countTrainable(
  ranks: readonly AdapterRank[],
  config: MethodConfig,
  weights: readonly ModelWeight[],
): number {
  const method = methodOf(config);
  if (method.trainsWeight === undefined) return ranks.reduce((sum, { trainable }) => sum + trainable, 0);
  const matrices = new Set(ranks.map(({ name }) => name));
  const trained = weights.filter((weight) => method.trainsWeight?.(config, weight, matrices) === true);
  return trained.reduce((sum, weight) => sum + weightSize(weight), 0);
}
