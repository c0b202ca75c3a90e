import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ignoredLabel, type LabelledBatch } from '../../../src-main/decoder/batch.ts';
import { withoutIdleTokens } from '../../../src-main/decoder/idleTokens.ts';
import { batchOf } from '../../support/tensorBatches.ts';
import { kernelsWithoutLeaks, largestDifference, noSignal } from '../../support/tensorBackend.ts';
import { architectures, withDecoder } from '../../support/tensorFixtures.ts';
import { downloadGradients, dropGradients, randomLora } from '../../support/tensorTraining.ts';

const kernels = kernelsWithoutLeaks();

/** Sequences that begin with the same tokens, with loss from a place of their own to `end`. */
function batchWithPrompt(
  prompt: readonly number[],
  rests: readonly (readonly number[])[],
  silent: number,
): LabelledBatch {
  return silenced(batchOf(rests.map((rest) => [...prompt, ...rest])), prompt.length + silent);
}

/** Without the labels of the first places of every sequence. */
function silenced(batch: LabelledBatch, places: number): LabelledBatch {
  const labels = Int32Array.from(batch.labels);
  let start = 0;
  for (const length of batch.lengths) {
    labels.fill(ignoredLabel, start, start + Math.min(places, length));
    start += length;
  }
  return { ...batch, labels };
}

const prompt = [5, 9, 2, 7, 11, 3];
const rests = [
  [21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31],
  [41, 42, 43],
  [21, 22, 53, 54, 55, 56, 57, 58, 59],
  [61, 62, 63, 64],
];

test('tokens that all sequences begin with are there once, and those after the last label not at all', () => {
  const batch = batchWithPrompt(prompt, rests, 1);
  const computed = withoutIdleTokens(batch);
  expect(computed.sharedPrefix).toBe(prompt.length);
  expect(computed.lengths).toEqual([16, 8, 14, 9]);
  expect([...computed.tokens.subarray(0, 7)]).toEqual([...prompt, 21]);
  // The last token of a sequence predicts nothing.
  expect([...computed.tokens.subarray(16, 20)]).toEqual([41, 42, 21, 22]);
  expect([...computed.positions.subarray(16, 19)]).toEqual([6, 7, 6]);
  expect(computed.labels.filter((label) => label !== ignoredLabel)).toEqual(
    batch.labels.filter((label) => label !== ignoredLabel),
  );
});

test('a token that carries loss is shared by no one, nor one at another position', () => {
  // Bug: the label of the first sequence would count for all.
  const loud = batchWithPrompt(prompt, rests, -3);
  expect(withoutIdleTokens(loud).sharedPrefix).toBe(3);
  const moved = batchWithPrompt(prompt, rests, 0);
  const positions = moved.positions.map((position, i) => (i < 17 ? position : position + 4));
  expect(withoutIdleTokens({ ...moved, positions }).sharedPrefix).toBeUndefined();
});

test('a batch in which nothing is idle stays as it is', () => {
  const batch = batchWithPrompt(
    [],
    [Array.from({ length: 60 }, (_, i) => i), Array.from({ length: 60 }, (_, i) => 90 - i)],
    0,
  );
  expect(withoutIdleTokens(batch)).toBe(batch);
});

test('what is left has the same sequences, whatever they are', () => {
  const sequences = fc.array(fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 2, maxLength: 12 }), {
    minLength: 1,
    maxLength: 5,
  });
  fc.assert(
    fc.property(sequences, fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 6 }), (own, silent, most) => {
      const batch = silenced(batchOf(own), silent);
      const computed = withoutIdleTokens(batch, most);
      expect(computed.sharedPrefix ?? 0).toBeLessThanOrEqual(most);
      expect(labelledContexts(computed)).toEqual(labelledContexts(batch));
    }),
    { numRuns: 300 },
  );
});

/** Every label with all tokens and positions that it depends on. */
function labelledContexts({ tokens, positions, labels, lengths, sharedPrefix = 0 }: LabelledBatch): string[] {
  const contexts: string[] = [];
  let start = 0;
  for (const [sequence, length] of lengths.entries()) {
    const rows = Array.from({ length }, (_, i) => (i < sharedPrefix ? i : start + i));
    for (const [i, row] of rows.entries()) {
      if (labels[row] === ignoredLabel || (sequence > 0 && i < sharedPrefix)) continue;
      const seen = rows.slice(0, i + 1).map((r) => `${tokens[r] ?? ''}@${positions[r] ?? ''}`);
      contexts.push(`${seen.join(' ')} → ${labels[row] ?? ''}`);
    }
    start += length - sharedPrefix;
  }
  return contexts;
}

test.each(architectures)('loss and gradients of %s are the same without idle tokens', async (folder) => {
  // Bug: a query of another sequence, a gradient of a shared token that is dropped or counted twice.
  const k = kernels();
  await withDecoder(k, folder, async (decoder, model) => {
    const adapters = await randomLora(k, model.summary.targets, {});
    try {
      decoder.setAdapters(adapters);
      const batch = batchWithPrompt(prompt, rests, 1);
      const computed = withoutIdleTokens(batch);
      expect(computed.tokens.length).toBeLessThan(0.7 * batch.tokens.length);
      for (const activationCheckpointing of [false, true]) {
        const options = { lossScale: 0.1, activationCheckpointing };
        const whole = await decoder.accumulateGradients(batch, options, noSignal);
        const expected = downloadGradients(k, adapters);
        dropGradients(k, adapters);
        const found = await decoder.accumulateGradients(computed, options, noSignal);
        expect(found.count).toBe(whole.count);
        expect(Math.abs(found.lossSum - whole.lossSum) / whole.lossSum).toBeLessThan(1e-5);
        const largest = Math.max(...[...expected.values()].flatMap((values) => [...values].map(Math.abs)));
        for (const [name, gradient] of downloadGradients(k, adapters)) {
          expect(largestDifference(gradient, expected.get(name) ?? []) / largest, name).toBeLessThan(1e-5);
        }
        dropGradients(k, adapters);
      }
      const each = { whole: new Float32Array(19), computed: new Float32Array(19) };
      await decoder.loss(batch, noSignal, each.whole);
      await decoder.loss(computed, noSignal, each.computed);
      expect(Math.min(...each.whole)).toBeGreaterThan(0);
      expect(largestDifference(each.computed, each.whole)).toBeLessThan(1e-4);
    } finally {
      dropGradients(k, adapters);
      adapters.dispose();
    }
  });
});
