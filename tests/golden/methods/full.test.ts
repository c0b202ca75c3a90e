/** Full fine-tuning of every family against PyTorch. Bugs this would catch: a wrong gradient of a norm, an embedding, a tied head or a bias; a tensor that is not trained. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { FullConfig } from '../../../src-main/contract/methods.schema.ts';
import { full } from '../../../src-main/methods/full/method.ts';
import { planAdapters } from '../../../src-main/methods/registry.ts';
import { blankFacts } from '../../../src-main/methods/blankFacts.ts';
import type { AdapterSet, MatrixFacts } from '../../../src-main/methods/types.ts';
import type { OpenedModel } from '../../../src-main/models/types.ts';
import { AdamW } from '../../../src-main/optimizer/adamw.ts';
import type { Kernels } from '../../../src-main/tensor/kernels.ts';
import { loadModelWeights } from '../../../src-main/training/loadModelWeights.ts';
import { Rng } from '../../../src-main/util/rng.ts';
import { kernelsWithoutLeaks, largestDifference, noSignal } from '../../support/tensorBackend.ts';
import { FixtureTensors, paddedRows, withDecoder, withoutPadding } from '../../support/tensorFixtures.ts';
import { downloadGradients, dropGradients, optimizerStep } from '../../support/tensorTraining.ts';

const kernels = kernelsWithoutLeaks();

interface FullFacts {
  readonly losses: readonly number[];
  readonly grad_norms: readonly number[];
  readonly first_gradients: Readonly<Record<string, number>>;
  readonly moved: Readonly<Record<string, number>>;
}

const references = JSON.parse(readFileSync(path.join(import.meta.dirname, 'full.json'), 'utf8')) as Record<
  string,
  FullFacts
>;
const batches = new FixtureTensors('more/llama-loop/batches.safetensors');
const probe = withoutPadding(paddedRows(batches, 20, 2)).batch;

async function fullAdapters(k: Kernels, model: OpenedModel, scope: FullConfig['scope'] = 'all'): Promise<AdapterSet> {
  const config: FullConfig = { name: 'full', scope };
  const matrices = planAdapters(model.summary.targets, config, new Map());
  const facts: MatrixFacts = {
    ...blankFacts(matrices),
    modelWeights: (selected) => loadModelWeights(k, model, selected, noSignal),
  };
  return full.createAdapters(k, matrices, config, facts, new Rng(0), noSignal);
}

function normOf(values: ArrayLike<number>): number {
  return Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0));
}

test.each(Object.entries(references))('%s is trained whole as in PyTorch', async (folder, facts) => {
  const k = kernels();
  await withDecoder(k, folder, async (decoder, model) => {
    const adapters = await fullAdapters(k, model);
    expect(adapters.parameters.map(({ name }) => name).sort()).toEqual(Object.keys(facts.moved).sort());
    const base = await decoder.logits(probe, noSignal);
    decoder.setAdapters(adapters);
    expect(largestDifference(await decoder.logits(probe, noSignal), base), 'before the first step').toBe(0);
    // The frozen weights are gone from here on, as in a training.
    decoder.releaseBase();
    const start = adapters.exportState();
    const optimizer = new AdamW(k, adapters.parameters, { betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.01 });
    for (const [step, loss] of facts.losses.entries()) {
      const { batch } = withoutPadding(paddedRows(batches, 2 * step, 2));
      const rate = { learningRate: 1e-3, clipNorm: 1 };
      const report = await optimizerStep(decoder, optimizer, [batch], rate, () => {
        if (step > 0) return;
        for (const [name, gradient] of downloadGradients(k, adapters)) {
          const expected = facts.first_gradients[name] ?? NaN;
          expect(Math.abs(normOf(gradient) - expected) / (expected + 1e-4), name).toBeLessThan(1e-4);
        }
      });
      const norm = facts.grad_norms[step] ?? NaN;
      expect(Math.abs(report.loss - loss), `loss of step ${String(step)}`).toBeLessThan(1e-4);
      expect(Math.abs(report.gradientNorm - norm) / norm, `norm of step ${String(step)}`).toBeLessThan(1e-3);
    }
    for (const [name, { data }] of adapters.exportState()) {
      const before = start.get(name)?.data ?? new Float32Array();
      const moved = normOf(data.map((value, i) => value - (before[i] ?? NaN)));
      const expected = facts.moved[name] ?? NaN;
      expect(Math.abs(moved - expected) / expected, name).toBeLessThan(2e-3);
    }
    optimizer.dispose();
    adapters.dispose();
  });
});

test.each(['gpt2/model', 'more/gemma3_text'])('recomputing activations of %s changes no bit', async (folder) => {
  const k = kernels();
  await withDecoder(k, folder, async (decoder, model) => {
    const adapters = await fullAdapters(k, model);
    decoder.setAdapters(adapters);
    const found = [];
    for (const activationCheckpointing of [false, true]) {
      await decoder.accumulateGradients(probe, { lossScale: 0.1, activationCheckpointing }, noSignal);
      found.push(downloadGradients(k, adapters));
      dropGradients(k, adapters);
    }
    expect(found[1]).toEqual(found[0]);
    adapters.dispose();
  });
});

test('what the scope leaves out is not trained, and the rest has the gradients it has among all', async () => {
  const k = kernels();
  await withDecoder(k, 'gpt2/model', async (decoder, model) => {
    const gradientsOf = async (scope: FullConfig['scope']) => {
      const adapters = await fullAdapters(k, model, scope);
      decoder.setAdapters(adapters);
      await decoder.accumulateGradients(probe, { lossScale: 0.1, activationCheckpointing: false }, noSignal);
      const gradients = downloadGradients(k, adapters);
      decoder.setAdapters(undefined);
      dropGradients(k, adapters);
      adapters.dispose();
      return gradients;
    };
    const all = await gradientsOf('all');
    const inner = await gradientsOf('without-embeddings');
    const matrices = await gradientsOf('matrices');
    expect([...all.keys()].filter((name) => !inner.has(name)).sort()).toEqual([
      'transformer.wpe.weight',
      'transformer.wte.weight',
    ]);
    expect([...inner.keys()].filter((name) => !matrices.has(name)).every((name) => name.includes('ln_'))).toBe(true);
    for (const part of [inner, matrices]) for (const [name, gradient] of part) expect(gradient).toEqual(all.get(name));
  });
});

test('a failing or cancelled step leaves nothing behind, and the base is there again when the set is taken off', async () => {
  const k = kernels();
  await withDecoder(k, 'more/gemma2', async (decoder, model) => {
    const base = await decoder.logits(probe, noSignal);
    const adapters = await fullAdapters(k, model);
    decoder.setAdapters(adapters);
    const before = k.live;
    for (let turns = 0; turns < 8; turns += 2) {
      const controller = new AbortController();
      const options = { lossScale: 1, activationCheckpointing: false };
      const pass = decoder.accumulateGradients(probe, options, controller.signal);
      for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
      controller.abort();
      await pass.catch((error: unknown) => expect(error).toMatchObject({ code: 'CANCELLED' }));
      dropGradients(k, adapters);
      expect(k.live).toBe(before);
    }
    decoder.setAdapters(undefined);
    expect(largestDifference(await decoder.logits(probe, noSignal), base)).toBe(0);
    adapters.dispose();
  });
});
