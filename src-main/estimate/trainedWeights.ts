import type { MethodConfig } from '../contract/methods.schema.ts';
import { methodOf } from '../methods/registry.ts';
import { archWeights, weightSize } from '../models/archWeights.ts';
import type { ArchSpec } from '../models/types.ts';
import type { OwnWeights } from './flops.ts';

/** Weights of the model that a run trains themselves. */
export interface TrainedWeights extends OwnWeights {
  /** Of the tensors. */
  readonly names: ReadonlySet<string>;
  /** Values of the largest. */
  readonly largest: number;
}

/** @param matrices that are targets @returns undefined where the method trains adapters */
export function trainedWeights(
  config: MethodConfig,
  matrices: readonly { readonly name: string }[],
  arch: ArchSpec,
): TrainedWeights | undefined {
  const method = methodOf(config);
  if (method.trainsWeight === undefined) return undefined;
  const targets = new Set(matrices.map(({ name }) => name));
  const trained = archWeights(arch).filter((weight) => method.trainsWeight?.(config, weight, targets) === true);
  const sizes = trained.map((weight) => ({ ...weight, size: weightSize(weight) }));
  return {
    names: new Set(trained.map(({ name }) => name)),
    linear: sizes.reduce((sum, { part, size }) => sum + (part === 'linear' ? size : 0), 0),
    head: trained.some(({ name }) => name === (arch.head ?? arch.embedding)),
    largest: Math.max(0, ...sizes.map(({ size }) => size)),
  };
}
