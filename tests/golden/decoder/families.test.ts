/** Bugs this would catch: any deviation of a family's forward pass from transformers. */
import { expect, test } from 'vitest';
import { kernelsWithoutLeaks, largestDifference, noSignal } from '../../support/tensorBackend.ts';
import {
  atPlaces,
  FixtureTensors,
  paddedRows,
  readJson,
  withDecoder,
  withoutPadding,
} from '../../support/tensorFixtures.ts';

const kernels = kernelsWithoutLeaks();

test.each(['llama', 'gpt2', 'qwen2'])('base logits of %s are those of transformers', async (family) => {
  const oracle = new FixtureTensors(`${family}/oracle.safetensors`);
  const { batch, places } = withoutPadding(paddedRows(oracle));
  await withDecoder(kernels(), `${family}/model`, async (decoder) => {
    const logits = await decoder.logits(batch, noSignal);
    expect(largestDifference(logits, atPlaces(oracle.floats('base_logits'), places, 256))).toBeLessThan(1e-4);
  });
});

test.each(['mistral', 'mistral-window', 'qwen3', 'llama3', 'gemma2', 'gemma3_text', 'phi3', 'phi3-partial'])(
  'logits and loss of %s are those of transformers, whatever the padding',
  async (family) => {
    const expected = new FixtureTensors(`more/${family}/expected.safetensors`);
    const facts = readJson<{ mean_loss: number; counted_labels: number; parameters: number }>(
      `more/${family}/expected.json`,
    );
    const { batch, places } = withoutPadding(paddedRows(expected));
    await withDecoder(kernels(), `more/${family}`, async (decoder) => {
      const logits = await decoder.logits(batch, noSignal);
      expect(largestDifference(logits, atPlaces(expected.floats('logits'), places, 256))).toBeLessThan(1e-4);
      const { lossSum, count } = await decoder.loss(batch, noSignal);
      expect(count).toBe(facts.counted_labels);
      expect(Math.abs(lossSum / count - facts.mean_loss)).toBeLessThan(1e-5);
      expect(decoder.parameters).toBe(facts.parameters);
    });
  },
);

test.each(['llama', 'gpt2', 'qwen2'])(
  'logits of %s are those of transformers for rows padded on either side',
  async (family) => {
    const expected = new FixtureTensors(`padded/${family}.safetensors`);
    const { batch, places } = withoutPadding(paddedRows(expected));
    expect(batch.lengths).toEqual([24, 17, 11]);
    await withDecoder(kernels(), `${family}/model`, async (decoder) => {
      const logits = await decoder.logits(batch, noSignal);
      expect(largestDifference(logits, atPlaces(expected.floats('logits'), places, 256))).toBeLessThan(1e-4);
    });
  },
);
