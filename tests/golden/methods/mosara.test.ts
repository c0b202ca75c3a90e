/** Bugs this would catch: wrong gradients of gates, router, sets or vector; gates frozen at other means than PyTorch's. */
import { expect, test } from 'vitest';
import type { MosaraConfig } from '../../../src-main/contract/methods.schema.ts';
import { GateMeter } from '../../../src-main/evaluation/gateMeter.ts';
import type { PlannedMatrix } from '../../../src-main/methods/types.ts';
import { AdamW } from '../../../src-main/optimizer/adamw.ts';
import { kernelsWithoutLeaks, largestDifference, noSignal, valuesOf } from '../../support/tensorBackend.ts';
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

interface Oracle {
  readonly steps: number;
  readonly lr: number;
  readonly losses: readonly number[];
  readonly grad_norms: readonly number[];
  readonly final_loss: number;
  readonly frozen_loss: number;
}

/** The fixtures' names of our parts. */
const partNames: Readonly<Record<string, string>> = { lambda: 'lam' };
const nameOf = (part: string): string => partNames[part] ?? part;

const forms = [
  { router: 'rank1', output: 'vector', gateTolerance: 1e-4 },
  // A few router gradients are nearly zero at first, and AdamW divides by them.
  { router: 'linear', output: 'none', gateTolerance: 5e-3 },
] as const;

test.each(forms)('Mo-SARA, router $router, output $output, trains as in PyTorch', async (form) => {
  const k = kernels();
  const { router, output, gateTolerance } = form;
  const oracle = `more/llama/mosara-${router}-${output}`;
  const facts = readJson<Oracle>(`${oracle}.json`);
  const tensors = new FixtureTensors(`${oracle}.safetensors`);
  const { batch, places } = withoutPadding(paddedRows(new FixtureTensors('llama/oracle.safetensors')));
  await withDecoder(k, 'llama/model', async (decoder, model) => {
    const matrices = model.summary.targets.map((target): PlannedMatrix => ({
      ...target,
      rank: tensors.get(`${target.name}.lam0`).shape[1] ?? 0,
    }));
    const config: MosaraConfig = {
      ...{ name: 'mosara', threshold: 0.5, measure: 'sum', granularity: 'matrix', sets: 3 },
      ...{ router, output, scaling: 1, dropout: 0 },
    } as const;
    const adapters = await adaptersFromFixture(k, matrices, config, tensors, (module, part) =>
      part === 'U' || part === 'Vt' ? `${module}.${part}` : `${module}.${nameOf(part)}0`,
    );
    const base = await decoder.logits(batch, noSignal);
    decoder.setAdapters(adapters);
    expect(largestDifference(await decoder.logits(batch, noSignal), base), 'ΔW at step 0').toBe(0);

    const compareGates = async (suffix: string, tolerance: number): Promise<Map<string, readonly number[]>> => {
      const meter = new GateMeter();
      await meter.during(k, adapters, () => decoder.loss(batch, noSignal));
      expect(meter.tokens).toBe(batch.tokens.length);
      const means = new Map(meter.statistics().map(({ name, mean }) => [name, mean]));
      for (const { name } of matrices) {
        const difference = largestDifference(means.get(name) ?? [], tensors.floats(`${name}.${suffix}`));
        expect(difference, `${name}.${suffix}`).toBeLessThan(tolerance);
      }
      return means;
    };
    await compareGates('mean_gate0', 1e-5);

    const optimizer = new AdamW(k, adapters.parameters, { betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.01 });
    for (let step = 0; step < facts.steps; step++) {
      const report = await optimizerStep(decoder, optimizer, [batch], { learningRate: facts.lr, clipNorm: 0 }, () => {
        if (step > 1) return;
        for (const [name, gradient] of downloadGradients(k, adapters)) {
          const [module, part] = splitName(name);
          const expected = tensors.floats(`${module}.${nameOf(part)}.grad${String(step)}`);
          // What is exactly zero must be: AdamW turns anything else into a full step.
          const tolerance = expected.every((value) => value === 0) ? 0 : 1e-5;
          expect(largestDifference(gradient, expected), `${name} at step ${String(step)}`).toBeLessThanOrEqual(
            tolerance,
          );
        }
      });
      expect(Math.abs(report.loss - (facts.losses[step] ?? NaN)), `loss of step ${String(step)}`).toBeLessThan(1e-4);
      const norm = facts.grad_norms[step] ?? NaN;
      expect(Math.abs(report.gradientNorm - norm) / norm, `norm of step ${String(step)}`).toBeLessThan(1e-3);
    }
    for (const [name, { data }] of adapters.exportState()) {
      const [module, part] = splitName(name);
      if (part === 'U' || part === 'Vt') continue;
      const tolerance = output === 'none' && part === 'Wg' ? gateTolerance : 1e-3;
      expect(largestDifference(data, tensors.floats(`${module}.${nameOf(part)}`)), name).toBeLessThan(tolerance);
    }
    const { lossSum, count } = await decoder.loss(batch, noSignal);
    expect(Math.abs(lossSum / count - facts.final_loss)).toBeLessThan(1e-4);
    const logits = await decoder.logits(batch, noSignal);
    expect(largestDifference(logits, atPlaces(tensors.floats('final_logits'), places, 256))).toBeLessThan(1e-3);
    await compareGates('mean_gate', gateTolerance);

    const { tokens } = batch;
    const length = batch.lengths[0] ?? 0;
    const cache = decoder.newCache(1);
    await decoder.decode(cache, [[...tokens.slice(0, length - 2)]], noSignal);
    await decoder.decode(cache, [[tokens[length - 2] ?? 0]], noSignal);
    const cached = await decoder.decode(cache, [[tokens[length - 1] ?? 0]], noSignal);
    cache.dispose();
    expect(largestDifference(cached, logits.slice((length - 1) * 256, length * 256)), 'token by token').toBeLessThan(
      1e-4,
    );

    // With the gates of the fixture, so that only the merge itself is compared.
    const stored = matrices.map(({ name }) => [name, [...tensors.floats(`${name}.mean_gate`)]] as const);
    adapters.gates?.freeze(new Map(stored));
    const frozen = await decoder.logits(batch, noSignal);
    expect(largestDifference(frozen, atPlaces(tensors.floats('frozen_logits'), places, 256))).toBeLessThan(1e-3);
    const [first] = adapters.matrices.values();
    if (first === undefined) throw new Error('No adapter.');
    const merged = k.add(k.take(decoder.baseWeight(first.matrix.name)), k.take(first.delta()));
    expect(largestDifference(valuesOf(k, merged), tensors.floats(`${first.matrix.name}.frozen_merged`))).toBeLessThan(
      1e-4,
    );

    optimizer.dispose();
    decoder.setAdapters(undefined);
    expect(largestDifference(await decoder.logits(batch, noSignal), base), 'adapters taken off').toBe(0);
    adapters.dispose();
  });
});
