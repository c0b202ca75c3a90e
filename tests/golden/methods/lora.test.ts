/** Bugs this would catch: token weights across micro-batches, clipping, or AdamW at rate 0 unlike PyTorch's. */
import { expect, test } from 'vitest';
import type { PlannedMatrix } from '../../../src-main/methods/types.ts';
import { AdamW } from '../../../src-main/optimizer/adamw.ts';
import { kernelsWithoutLeaks, largestDifference, noSignal } from '../../support/tensorBackend.ts';
import {
  atPlaces,
  FixtureTensors,
  paddedRows,
  readJson,
  withDecoder,
  withoutPadding,
} from '../../support/tensorFixtures.ts';
import { adaptersFromFixture, downloadGradients, optimizerStep, splitName } from '../../support/tensorTraining.ts';

const kernels = kernelsWithoutLeaks();

interface LoopFacts {
  readonly r: number;
  readonly alpha: number;
  readonly clip: number;
  readonly losses: readonly number[];
  readonly lrs: readonly number[];
  readonly grad_norms: readonly number[];
}

test('LoRA with warm-up from rate 0, accumulation and clipping trains as in PyTorch', async () => {
  const k = kernels();
  const facts = readJson<LoopFacts>('more/llama-loop/lora.json');
  const tensors = new FixtureTensors('more/llama-loop/lora.safetensors');
  const batches = new FixtureTensors('more/llama-loop/batches.safetensors');
  await withDecoder(k, 'llama/model', async (decoder, model) => {
    const matrices = model.summary.targets.map((target): PlannedMatrix => ({ ...target, rank: facts.r }));
    const config = { name: 'lora', rank: facts.r, alpha: facts.alpha, dropout: 0 } as const;
    const adapters = await adaptersFromFixture(k, matrices, config, tensors, (module, part) => {
      return `${module}.lora_${part}.weight.start`;
    });
    decoder.setAdapters(adapters);
    const optimizer = new AdamW(k, adapters.parameters, { betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.01 });
    for (const [step, learningRate] of facts.lrs.entries()) {
      // Each micro-batch of the file is two rows of 24.
      const micro = [0, 1].map((i) => withoutPadding(paddedRows(batches, 2 * (2 * step + i), 2)).batch);
      const norm = facts.grad_norms[step] ?? NaN;
      const report = await optimizerStep(decoder, optimizer, micro, { learningRate, clipNorm: facts.clip }, () => {
        if (step > 0) return;
        for (const [name, gradient] of downloadGradients(k, adapters)) {
          const [module, part] = splitName(name);
          const expected = `${module}.lora_${part}.weight.clipped_grad0`;
          const factor = Math.min(1, facts.clip / (norm + 1e-6));
          const reference = tensors.has(expected) ? tensors.floats(expected) : new Float32Array(gradient.length);
          const clipped = gradient.map((value) => value * factor);
          expect(largestDifference(clipped, reference), name).toBeLessThanOrEqual(tensors.has(expected) ? 1e-5 : 0);
        }
      });
      expect(Math.abs(report.loss - (facts.losses[step] ?? NaN)), `loss of step ${String(step)}`).toBeLessThan(1e-4);
      expect(Math.abs(report.gradientNorm - norm) / norm, `norm of step ${String(step)}`).toBeLessThan(1e-4);
    }
    for (const [name, { data }] of adapters.exportState()) {
      const [module, part] = splitName(name);
      const expected = tensors.floats(`${module}.lora_${part}.weight.final`);
      expect(largestDifference(data, expected), name).toBeLessThan(1e-3);
    }
    const probe = new FixtureTensors('llama/oracle.safetensors');
    const { batch, places } = withoutPadding(paddedRows(probe));
    const logits = await decoder.logits(batch, noSignal);
    expect(largestDifference(logits, atPlaces(tensors.floats('probe_logits'), places, 256))).toBeLessThan(1e-3);
    optimizer.dispose();
    decoder.setAdapters(undefined);
    adapters.dispose();
  });
});
