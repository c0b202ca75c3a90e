import type { TargetMatrix } from '../../src-main/contract/model.ts';
import type { MethodConfig } from '../../src-main/contract/methods.schema.ts';
import type { LabelledBatch } from '../../src-main/decoder/batch.ts';
import type { Decoder } from '../../src-main/decoder/decoder.ts';
import { blankFacts } from '../../src-main/methods/blankFacts.ts';
import { methodOf } from '../../src-main/methods/registry.ts';
import type { AdapterSet, AdapterTensor, PlannedMatrix } from '../../src-main/methods/types.ts';
import type { AdamW, AdamWStep } from '../../src-main/optimizer/adamw.ts';
import type { Kernels } from '../../src-main/tensor/kernels.ts';
import { Rng } from '../../src-main/util/rng.ts';
import { noSignal, randomValues } from './tensorBackend.ts';
import type { FixtureTensors } from './tensorFixtures.ts';

/** Adapters of any method, with placeholders where the start depends on the weights. */
async function createAdapters(
  kernels: Kernels,
  matrices: readonly PlannedMatrix[],
  config: MethodConfig,
  seed: number,
): Promise<AdapterSet> {
  return methodOf(config).createAdapters(kernels, matrices, config, blankFacts(matrices), new Rng(seed), noSignal);
}

/** Adapters whose every part is read from a fixture. @param tensorName where a part is in the fixture */
export async function adaptersFromFixture(
  kernels: Kernels,
  matrices: readonly PlannedMatrix[],
  config: MethodConfig,
  tensors: FixtureTensors,
  tensorName: (module: string, part: string) => string,
): Promise<AdapterSet> {
  const adapters = await createAdapters(kernels, matrices, config, 0);
  const state = new Map<string, AdapterTensor>();
  for (const [name, { shape, data }] of adapters.exportState()) {
    const [module, part] = splitName(name);
    const source = tensorName(module, part);
    // B = 0 is not in the fixtures.
    state.set(name, { shape, data: tensors.has(source) ? tensors.floats(source) : data.fill(0) });
  }
  adapters.importState(state);
  return adapters;
}

/** Module path and part of a parameter's name. */
export function splitName(name: string): readonly [string, string] {
  const dot = name.lastIndexOf('.');
  return [name.slice(0, dot), name.slice(dot + 1)];
}

export interface StepReport {
  /** Mean over the counted labels, before the step. */
  readonly loss: number;
  readonly gradientNorm: number;
}

/** One optimizer step over some micro-batches. @param onGradients sees the gradients before they are used up */
export async function optimizerStep(
  decoder: Decoder,
  optimizer: AdamW,
  batches: readonly LabelledBatch[],
  step: AdamWStep,
  onGradients: () => void = () => undefined,
): Promise<StepReport> {
  const count = batches.reduce((sum, { labels }) => sum + labels.filter((label) => label !== -100).length, 0);
  let lossSum = 0;
  for (const batch of batches) {
    const options = { lossScale: 1 / count, activationCheckpointing: false };
    lossSum += (await decoder.accumulateGradients(batch, options, noSignal)).lossSum;
  }
  onGradients();
  const { gradientNorm } = optimizer.step(step);
  return { loss: lossSum / count, gradientNorm };
}

/** Gradient of each parameter by name, zeros where it is undefined. */
export function downloadGradients(kernels: Kernels, adapters: AdapterSet): Map<string, Float32Array> {
  return new Map(
    adapters.parameters.map(({ name, shape, gradient }) => [
      name,
      gradient === undefined
        ? new Float32Array(shape.reduce((product, size) => product * size, 1))
        : kernels.download(gradient),
    ]),
  );
}

/** LoRA of rank 3 with A and B both random, so that every gradient differs from zero; or as it starts, with B = 0. */
export async function randomLora(
  kernels: Kernels,
  targets: readonly TargetMatrix[],
  { dropout = 0, zeroB = false }: { readonly dropout?: number; readonly zeroB?: boolean } = {},
): Promise<AdapterSet> {
  const matrices = targets.map((target): PlannedMatrix => ({ ...target, rank: Math.min(3, ...target.shape) }));
  const config = { name: 'lora', rank: 3, alpha: 6, dropout } as const;
  const adapters = await createAdapters(kernels, matrices, config, 1);
  if (zeroB) return adapters;
  const state = [...adapters.exportState()].map(([name, { shape, data }], i) => {
    return [name, { shape, data: randomValues(data.length, i, 0.15) }] as const;
  });
  adapters.importState(new Map(state));
  return adapters;
}

export function dropGradients(kernels: Kernels, adapters: AdapterSet): void {
  for (const parameter of adapters.parameters) {
    if (parameter.gradient !== undefined) kernels.free(parameter.gradient);
    parameter.gradient = undefined;
  }
}
