import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { Decoder } from '../../../src-main/decoder/decoder.ts';
import { openModel } from '../../../src-main/models/open.ts';
import { requireArch } from '../../../src-main/models/openedModel.ts';
import { AdamW } from '../../../src-main/optimizer/adamw.ts';
import { trainStep } from '../../../src-main/training/trainStep.ts';
import { Rng } from '../../../src-main/util/rng.ts';
import { kernelsWithoutLeaks, noSignal } from '../../support/tensorBackend.ts';
import { batchOf } from '../../support/tensorBatches.ts';
import { randomLora } from '../../support/tensorTraining.ts';

const kernels = kernelsWithoutLeaks();
const stories = fileURLToPath(new URL('../../../resources/samples/stories260K', import.meta.url));

/** SARA_MEMORY_STEPS=10000 for the long version. */
const steps = Number(process.env['SARA_MEMORY_STEPS'] ?? 150);
const warmup = Math.floor(steps / 3);

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Resident memory in MB without what only waits for JavaScript's collector, which comes when it likes. */
function residentMegabytes(): number {
  collectGarbage();
  return process.memoryUsage.rss() / 2 ** 20;
}

test(
  `${String(steps)} steps over rows of ever new lengths leave no tensor behind and take no more memory`,
  async () => {
    // Bug: a tensor forgotten in a branch that only some lengths take; a pool of constants or shapes without a bound.
    const k = kernels();
    const model = await openModel(stories, noSignal);
    const arch = requireArch(model);
    const decoder = await Decoder.load(k, arch, model.source, {}, noSignal);
    const adapters = await randomLora(k, model.summary.targets);
    decoder.setAdapters(adapters);
    const optimizer = new AdamW(k, adapters.parameters, { betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.01 });
    const rng = new Rng(1);
    const live: number[] = [];
    let resident = 0;
    for (let step = 0; step < steps; step++) {
      const rows = Array.from({ length: 3 }, () => {
        return Array.from({ length: 2 + rng.integer(60) }, () => rng.integer(arch.vocabularySize));
      });
      const { finite } = await trainStep(
        decoder,
        adapters,
        optimizer,
        [batchOf(rows)],
        {
          learningRate: 1e-4,
          clipNorm: 1,
          activationCheckpointing: step % 2 === 1,
          place: { step, totalSteps: steps },
        },
        noSignal,
      );
      expect(finite).toBe(true);
      live.push(k.live);
      if (step === warmup) resident = residentMegabytes();
    }
    expect(new Set(live.slice(1)).size, 'numbers of tensors alive after a step').toBe(1);
    expect(residentMegabytes() - resident, 'MB more than after the first third').toBeLessThan(64);
    decoder.dispose();
    optimizer.dispose();
    adapters.dispose();
    await model.close();
  },
  120_000 + 100 * steps,
);
