/** LoRA and its relatives. Bugs this would catch: a scaling or start unlike PEFT's, token weights across micro-batches, clipping, or AdamW at rate 0 unlike PyTorch's. */
import { expect, test } from 'vitest';
import type { MethodConfig } from '../../../src-main/contract/methods.schema.ts';
import { methodOf } from '../../../src-main/methods/registry.ts';
import type { PlannedMatrix } from '../../../src-main/methods/types.ts';
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

const methods: readonly [string, string, MethodConfig][] = [
  ['LoRA', 'lora', { name: 'lora', rank: 4, alpha: 8, dropout: 0 }],
  ['rsLoRA', 'rslora', { name: 'lora', rank: 4, alpha: 8, rankStabilized: true, dropout: 0 }],
  ['PiSSA', 'pissa', { name: 'pissa', rank: 4, alpha: 8, dropout: 0 }],
];

/** A0 and B0 of PiSSA are what A and B begin with. */
function startOf(module: string, part: string): string {
  return `${module}.lora_${part.slice(0, 1)}.weight.start`;
}

test.each(methods)(
  '%s with warm-up from rate 0, accumulation and clipping trains as in PyTorch',
  async (_name, file, config) => {
    const k = kernels();
    const facts = readJson<LoopFacts>(`more/llama-loop/${file}.json`);
    const tensors = new FixtureTensors(`more/llama-loop/${file}.safetensors`);
    const batches = new FixtureTensors('more/llama-loop/batches.safetensors');
    await withDecoder(k, 'llama/model', async (decoder, model) => {
      const matrices = model.summary.targets.map((target): PlannedMatrix => ({ ...target, rank: facts.r }));
      const adapters = await adaptersFromFixture(k, matrices, config, tensors, startOf);
      const probe = new FixtureTensors('llama/oracle.safetensors');
      const { batch, places } = withoutPadding(paddedRows(probe));
      const base = await decoder.logits(batch, noSignal);
      decoder.setAdapters(adapters);
      expect(largestDifference(await decoder.logits(batch, noSignal), base), 'ΔW at step 0').toBe(0);
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
      const state = adapters.exportState();
      for (const { name } of adapters.parameters) {
        const [module, part] = splitName(name);
        const expected = tensors.floats(`${module}.lora_${part}.weight.final`);
        expect(largestDifference(state.get(name)?.data ?? [], expected), name).toBeLessThan(1e-3);
      }
      const logits = await decoder.logits(batch, noSignal);
      expect(largestDifference(logits, atPlaces(tensors.floats('probe_logits'), places, 256))).toBeLessThan(1e-3);
      optimizer.dispose();
      decoder.setAdapters(undefined);
      expect(largestDifference(await decoder.logits(batch, noSignal), base), 'adapters taken off').toBe(0);
      adapters.dispose();
    });
  },
);

test('PiSSA starts from the principal part of each weight and leaves PEFT’s residual', async () => {
  // Bug: singular values on one side alone, or divided by the scaling twice.
  const k = kernels();
  const tensors = new FixtureTensors('more/llama-loop/pissa.safetensors');
  await withDecoder(k, 'llama/model', async (decoder, model) => {
    const matrices = model.summary.targets.map((target): PlannedMatrix => ({ ...target, rank: 4 }));
    const config: MethodConfig = { name: 'pissa', rank: 4, alpha: 8, dropout: 0 };
    const facts = factsOf(k, (name) => decoder.baseWeight(name), matrices);
    const adapters = await methodOf(config).createAdapters(k, matrices, config, facts, new Rng(0), noSignal);
    const state = adapters.exportState();
    for (const { name, shape } of matrices) {
      const product = (B: Float32Array, A: Float32Array) => {
        const [left, right] = [k.upload(B.slice(), [shape[0], 4]), k.upload(A.slice(), [4, shape[1]])];
        return k.scale(k.take(k.matMul(k.take(left), k.take(right))), 2);
      };
      const part = (suffix: string): Float32Array => state.get(`${name}.${suffix}`)?.data ?? new Float32Array();
      expect(part('A'), name).toEqual(part('A0'));
      expect(part('B'), name).toEqual(part('B0'));
      const principal = product(part('B'), part('A'));
      const start = (letter: string): Float32Array => tensors.floats(`${name}.lora_${letter}.weight.start`);
      const reference = product(start('B'), start('A'));
      expect(largestDifference(k.download(principal), valuesOf(k, reference)), name).toBeLessThan(1e-5);
      const residual = k.sub(k.take(decoder.baseWeight(name)), k.take(principal));
      const values = valuesOf(k, residual);
      if (tensors.has(`${name}.residual`)) {
        expect(largestDifference(values, tensors.floats(`${name}.residual`))).toBeLessThan(1e-5);
      }
    }
    adapters.dispose();
  });
});
