import { expect, test } from 'vitest';
import type { ProductType } from '../../../src-main/contract/productTypes.ts';
import type { LoadOptions } from '../../../src-main/decoder/decoder.ts';
import { Head } from '../../../src-main/decoder/head.ts';
import { Norm } from '../../../src-main/decoder/norm.ts';
import { Float32Weight } from '../../../src-main/tensor/frozenWeight.ts';
import {
  kernelsWithoutLeaks,
  largestDifference,
  noSignal,
  randomTensor,
  valuesOf,
} from '../../support/tensorBackend.ts';
import { batchOf, sequenceOf } from '../../support/tensorBatches.ts';
import { withDecoder } from '../../support/tensorFixtures.ts';
import { dot } from '../../support/tensorGradients.ts';
import { downloadGradients, dropGradients, randomLora } from '../../support/tensorTraining.ts';

const kernels = kernelsWithoutLeaks();

const batch = batchOf([sequenceOf(17, 1), sequenceOf(9, 2), sequenceOf(12, 3)]);

/** Loss, gradients of all parameters end to end, logits and the first decoded ones. */
async function passes(folder: string, options: LoadOptions, activationCheckpointing = false) {
  const k = kernels();
  return withDecoder(
    k,
    folder,
    async (decoder, model) => {
      const adapters = await randomLora(k, model.summary.targets);
      try {
        decoder.setAdapters(adapters);
        const { lossSum } = await decoder.accumulateGradients(
          batch,
          { lossScale: 1, activationCheckpointing },
          noSignal,
        );
        const gradients = Float32Array.from(
          [...downloadGradients(k, adapters).values()].flatMap((values) => [...values]),
        );
        const evaluated = await decoder.loss(batch, noSignal);
        const logits = await decoder.logits(batch, noSignal);
        const cache = decoder.newCache(1);
        const decoded = await decoder.decode(cache, [[5, 9, 3, 7]], noSignal);
        cache.dispose();
        return { lossSum, gradients, evaluated: evaluated.lossSum, logits, decoded };
      } finally {
        dropGradients(k, adapters);
        adapters.dispose();
      }
    },
    options,
  );
}

test.each(['llama/model', 'more/gemma2', 'gpt2/model'])(
  'with products in bfloat16 loss and gradients of %s are near those of float32, and not the same',
  async (folder) => {
    // Bug: a product of the forward or backward pass that the mode leaves out or breaks.
    const exact = await passes(folder, {});
    const fast = await passes(folder, { products: 'bfloat16' });
    for (const loss of ['lossSum', 'evaluated'] as const) {
      expect(Math.abs(fast[loss] / exact[loss] - 1)).toBeLessThan(0.01);
      expect(fast[loss]).not.toBe(exact[loss]);
    }
    const { gradients } = fast;
    const cosine =
      dot(gradients, exact.gradients) / Math.sqrt(dot(gradients, gradients) * dot(exact.gradients, exact.gradients));
    expect(cosine).toBeGreaterThan(0.99);
    expect(largestDifference(gradients, exact.gradients)).toBeGreaterThan(0);
    expect(largestDifference(fast.logits, exact.logits)).toBeGreaterThan(0);
    // Answers are not affected.
    expect(largestDifference(fast.decoded, exact.decoded)).toBe(0);
  },
);

test('where the model is sure of a label, its gradient is still right to the bits of bfloat16', async () => {
  // Bug: p W rounded, less W[label] rounded. For p = 0.99 the rest is a hundredth of either, and mostly rounding.
  const k = kernels();
  const [vocabulary, hidden, rows] = [64, 32, 16];
  const weight = randomTensor(k, [vocabulary, hidden], 1);
  const norm = new Norm(
    k,
    { kind: 'rms', name: 'norm', epsilon: 1e-6, plusOne: false },
    k.fill([hidden], 1),
    undefined,
  );
  const head = new Head(k, norm, new Float32Weight(k, weight), vocabulary, hidden, undefined);
  const labels = Int32Array.from({ length: rows }, (_, i) => (7 * i) % vocabulary);
  const own = k.gather(weight, k.take(k.uploadInts(labels)));
  const x = k.scale(k.take(own), 0.25);
  const gradientIn = async (products: ProductType): Promise<Float32Array> => {
    const { lossSum, gradient } = await head.lossAndGradient(x, { products }, labels, 1, noSignal);
    expect(lossSum / rows).toBeLessThan(0.05);
    return valuesOf(k, gradient);
  };
  const exact = await gradientIn('float32');
  const fast = await gradientIn('bfloat16');
  const largest = exact.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(largestDifference(fast, exact)).toBeLessThan(0.05 * largest);
  expect(largestDifference(fast, exact)).toBeGreaterThan(0);
  k.free(x, weight);
  head.dispose();
});

test('float32 is what is computed where nothing is said', async () => {
  const [unsaid, said] = [await passes('llama/model', {}), await passes('llama/model', { products: 'float32' })];
  expect(said.lossSum).toBe(unsaid.lossSum);
  expect(largestDifference(said.gradients, unsaid.gradients)).toBe(0);
});

test('recomputed activations are those of the forward pass in bfloat16 too', async () => {
  // Bug: a recomputation outside the mode.
  const kept = await passes('llama/model', { products: 'bfloat16' });
  const again = await passes('llama/model', { products: 'bfloat16' }, true);
  expect(again.lossSum).toBe(kept.lossSum);
  expect(largestDifference(again.gradients, kept.gradients)).toBe(0);
});
