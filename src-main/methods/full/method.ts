/**
 * Full fine-tuning: h = W x + b with W and b themselves trained, and by `scope` also the norms, the embeddings, learned
 * positions and the head. There is no adapter: the trained weights take the place of the model's own.
 */
import type { FullConfig } from '../../contract/methods.schema.ts';
import type { ModelWeight } from '../../models/archWeights.ts';
import type { Kernels } from '../../tensor/kernels.ts';
import { MethodAdapters } from '../adapterSet.ts';
import type { Method } from '../method.ts';
import type { AdapterSet, MatrixFacts, Parameter, PlannedMatrix } from '../types.ts';
import { FullLinear } from './fullLinear.ts';
import { FullMatrix } from './fullMatrix.ts';

export const full: Method<FullConfig> = {
  needsSpectra: () => false,
  ranks: (matrices) => matrices.map(({ shape }) => Math.min(...shape)),
  countParameters: ([out, into]) => out * into,
  trainsWeight: ({ scope }, { part, module }, matrices) => {
    switch (part) {
      case 'linear':
        return matrices.has(module);
      case 'norm':
        return scope !== 'matrices';
      case 'embedding':
        return scope === 'all';
    }
  },
  createAdapters,
  cost: () => ({ keptPerToken: 0, frozen: 0 }),
  describe: ({ scope }) => `full fine-tuning of ${scopeText[scope]}`,
};

const scopeText: Readonly<Record<FullConfig['scope'], string>> = {
  all: 'every parameter',
  'without-embeddings': 'everything but the embeddings and the head',
  matrices: 'the linear maps',
};

async function createAdapters(
  kernels: Kernels,
  matrices: readonly PlannedMatrix[],
  config: FullConfig,
  facts: MatrixFacts,
): Promise<AdapterSet> {
  const names = new Set(matrices.map(({ name }) => name));
  const trained = (weight: ModelWeight): boolean => full.trainsWeight?.(config, weight, names) ?? false;
  const parameters = new Map<string, Parameter>();
  for (const { name, shape, value } of await facts.modelWeights(trained)) {
    parameters.set(name, { name, shape, value, gradient: undefined, learningRateMultiplier: 1 });
  }
  const adapters = matrices.flatMap((matrix) => {
    const weight = parameters.get(`${matrix.name}.weight`);
    if (weight === undefined) return [];
    return [new FullMatrix(kernels, matrix, weight, parameters.get(`${matrix.name}.bias`))];
  });
  return new MethodAdapters(kernels, 'full', adapters, (bases, group) => new FullLinear(kernels, bases, group), {
    weights: parameters,
  });
}
