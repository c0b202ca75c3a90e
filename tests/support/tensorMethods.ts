import type { MethodConfig } from '../../src-main/contract/methods.schema.ts';
import { methodOf } from '../../src-main/methods/registry.ts';
import type {
  AdapterSet,
  AdapterTensor,
  BaseLinear,
  LinearMap,
  MatrixFacts,
  PlannedMatrix,
} from '../../src-main/methods/types.ts';
import { singularValues } from '../../src-main/svd/singularValues.ts';
import { truncatedSvd } from '../../src-main/svd/truncatedSvd.ts';
import { Float32Weight } from '../../src-main/tensor/frozenWeight.ts';
import type { Kernels } from '../../src-main/tensor/kernels.ts';
import type { TensorId } from '../../src-main/tensor/tensorId.ts';
import { at } from '../../src-main/util/at.ts';
import { Rng } from '../../src-main/util/rng.ts';
import { noSignal, randomTensor, randomValues } from './tensorBackend.ts';

/** Linear maps of 6 inputs; the second gets no adapter. */
export const groupInputs = 6;
export const groupOutputs = [9, 3, 4];

export interface MethodGroup {
  readonly linear: LinearMap;
  readonly bases: readonly BaseLinear[];
  readonly adapters: AdapterSet;
  readonly matrices: readonly PlannedMatrix[];
  readonly facts: MatrixFacts;
}

/** Facts computed from weights at hand. @param weightOf gives a new tensor */
export function factsOf(
  k: Kernels,
  weightOf: (name: string) => TensorId,
  matrices: readonly PlannedMatrix[],
): MatrixFacts {
  const planned = new Map(matrices.map((matrix) => [matrix.name, matrix]));
  const withWeight = <T>(name: string, use: (weight: TensorId) => T): T => {
    const weight = weightOf(name);
    try {
      return use(weight);
    } finally {
      k.free(weight);
    }
  };
  return {
    spectrum(name) {
      const matrix = planned.get(name);
      return matrix && { ...matrix, singularValues: withWeight(name, (W) => singularValues(k, W, matrix.shape)) };
    },
    modelWeights: () => Promise.resolve([]),
    async rowNorms({ name, shape: [, into] }) {
      const values = withWeight(name, (W) => k.download(W));
      return Promise.resolve(
        Float32Array.from({ length: values.length / into }, (_, row) =>
          Math.hypot(...values.subarray(row * into, (row + 1) * into)),
        ),
      );
    },
    singularVectors: async ({ name, shape }, rank) => withWeight(name, (W) => truncatedSvd(k, W, shape, rank)),
  };
}

/** Adapters of a method on a group of random maps, of rank 2 and 4, as they start. */
export async function withMethodGroup<T>(
  k: Kernels,
  config: MethodConfig,
  use: (group: MethodGroup) => T | Promise<T>,
): Promise<T> {
  const weights = groupOutputs.map((out, i) => randomTensor(k, [out, groupInputs], i));
  const bases = groupOutputs.map((out, i) => ({
    name: `m${String(i)}`,
    weight: new Float32Weight(k, at(weights, i)),
    bias: i === 0 ? randomTensor(k, [out], 30) : undefined,
    out,
    in: groupInputs,
  }));
  const tensorOf = new Map(bases.map(({ name }, i) => [name, at(weights, i)]));
  const weightOf = (name: string): TensorId => {
    const weight = tensorOf.get(name);
    if (weight === undefined) throw new Error(`There is no ${name}.`);
    return k.alias(weight);
  };
  const targets = bases
    .filter((_, i) => i !== 1)
    .map(({ name, out }) => ({ name, layer: 0, module: name, shape: [out, groupInputs] as const }));
  const ranks = [2, 4];
  const matrices = targets.map((target, i): PlannedMatrix => ({ ...target, rank: ranks[i] ?? 1 }));
  const facts = factsOf(k, weightOf, matrices);
  const adapters = await methodOf(config).createAdapters(k, matrices, config, facts, new Rng(5), noSignal);
  try {
    return await use({ linear: adapters.linear(bases), bases, adapters, matrices, facts });
  } finally {
    adapters.dispose();
    for (const { weight, bias } of bases) {
      weight.dispose();
      k.freeSaved(bias);
    }
  }
}

/** Moves every parameter by random amounts, as training would. */
export function moveParameters(adapters: AdapterSet, size = 0.3): void {
  const state = new Map<string, AdapterTensor>(adapters.exportState());
  adapters.parameters.forEach(({ name, shape }, i) => {
    const before = state.get(name)?.data ?? new Float32Array();
    const change = randomValues(before.length, 300 + i, size);
    state.set(name, { shape, data: before.map((value, j) => value + (change[j] ?? 0)) });
  });
  adapters.importState(state);
}
