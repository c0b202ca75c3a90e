/** Bugs this would catch: norms of columns for rows, a gradient through the norm, ΔW that is not what the passes compute. */
import { expect, test } from 'vitest';
import type { MethodConfig } from '../../../src-main/contract/methods.schema.ts';
import { methodOf } from '../../../src-main/methods/registry.ts';
import type { AdapterTensor, PlannedMatrix } from '../../../src-main/methods/types.ts';
import { AdamW } from '../../../src-main/optimizer/adamw.ts';
import { Rng } from '../../../src-main/util/rng.ts';
import { kernelsWithoutLeaks, largestDifference, noSignal, valuesOf } from '../../support/tensorBackend.ts';
import {
  atPlaces,
  FixtureTensors,
  paddedRows,
  readJson,
  withDecoder,
  withoutPadding,
} from '../../support/tensorFixtures.ts';
import { factsOf } from '../../support/tensorMethods.ts';
import { downloadGradients, optimizerStep, splitName } from '../../support/tensorTraining.ts';

const kernels = kernelsWithoutLeaks();

interface DoraFacts {
  readonly r: number;
  readonly alpha: number;
  readonly clip: number;
  readonly losses: readonly number[];
  readonly lrs: readonly number[];
  readonly grad_norms: readonly number[];
}

const partNames: Readonly<Record<string, string>> = {
  A: 'lora_A.weight',
  B: 'lora_B.weight',
  magnitude: 'lora_magnitude_vector.weight',
};

test('DoRA with warm-up, accumulation and clipping trains as in PEFT, and merges to PEFT’s weight', async () => {
  const k = kernels();
  const facts = readJson<DoraFacts>('more/llama-loop/dora.json');
  const tensors = new FixtureTensors('more/llama-loop/dora.safetensors');
  const batches = new FixtureTensors('more/llama-loop/batches.safetensors');
  const config: MethodConfig = { name: 'dora', rank: facts.r, alpha: facts.alpha, dropout: 0 };
  const nameOf = (name: string, moment: string): string => {
    const [module, part] = splitName(name);
    return `${module}.${partNames[part] ?? ''}.${moment}`;
  };
  await withDecoder(k, 'llama/model', async (decoder, model) => {
    const matrices = model.summary.targets.map((target): PlannedMatrix => ({ ...target, rank: facts.r }));
    const measured = factsOf(k, (name) => decoder.baseWeight(name), matrices);
    const adapters = await methodOf(config).createAdapters(k, matrices, config, measured, new Rng(0), noSignal);
    const start = new Map<string, AdapterTensor>(adapters.exportState());
    for (const { name, shape } of adapters.parameters)
      start.set(name, { shape, data: tensors.floats(nameOf(name, 'start')) });
    adapters.importState(start);
    decoder.setAdapters(adapters);
    const optimizer = new AdamW(k, adapters.parameters, { betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.01 });
    for (const [step, learningRate] of facts.lrs.entries()) {
      const micro = [0, 1].map((i) => withoutPadding(paddedRows(batches, 2 * (2 * step + i), 2)).batch);
      const norm = facts.grad_norms[step] ?? NaN;
      const report = await optimizerStep(decoder, optimizer, micro, { learningRate, clipNorm: facts.clip }, () => {
        if (step > 0) return;
        const factor = Math.min(1, facts.clip / (norm + 1e-6));
        for (const [name, gradient] of downloadGradients(k, adapters)) {
          const clipped = gradient.map((value) => value * factor);
          expect(largestDifference(clipped, tensors.floats(nameOf(name, 'clipped_grad0'))), name).toBeLessThan(1e-5);
        }
      });
      expect(Math.abs(report.loss - (facts.losses[step] ?? NaN)), `loss of step ${String(step)}`).toBeLessThan(1e-4);
      expect(Math.abs(report.gradientNorm - norm) / norm, `norm of step ${String(step)}`).toBeLessThan(1e-4);
    }
    const state = adapters.exportState();
    for (const { name } of adapters.parameters) {
      expect(largestDifference(state.get(name)?.data ?? [], tensors.floats(nameOf(name, 'final'))), name).toBeLessThan(
        1e-4,
      );
    }
    const first = matrices[0]?.name ?? '';
    const weight = decoder.baseWeight(first);
    const delta = adapters.matrices.get(first)?.delta(weight);
    if (delta === undefined) throw new Error(`There is no adapter of ${first}.`);
    const merged = valuesOf(k, k.add(k.take(weight), k.take(delta)));
    expect(largestDifference(merged, tensors.floats(`${first}.merged`))).toBeLessThan(1e-5);
    const { batch, places } = withoutPadding(paddedRows(new FixtureTensors('llama/oracle.safetensors')));
    const logits = await decoder.logits(batch, noSignal);
    expect(largestDifference(logits, atPlaces(tensors.floats('probe_logits'), places, 256))).toBeLessThan(1e-3);
    optimizer.dispose();
    decoder.setAdapters(undefined);
    adapters.dispose();
  });
});
