import { expect, test } from 'vitest';
import { Decoder } from '../../../src-main/decoder/decoder.ts';
import { floatToBfloat, bfloatToFloat } from '../../../src-main/models/halfFloats.ts';
import { openModel } from '../../../src-main/models/open.ts';
import { requireArch } from '../../../src-main/models/openedModel.ts';
import type { TensorInfo, WeightSource } from '../../../src-main/models/types.ts';
import { PackedWeight } from '../../../src-main/tensor/frozenWeight.ts';
import { uploadFrozen } from '../../../src-main/tensor/uploadWeight.ts';
import { bfloat16Form, float16Form, int8Form } from '../../../src-main/tensor/weightForms.ts';
import { kernelsWithoutLeaks, largestDifference, noSignal, valuesOf } from '../../support/tensorBackend.ts';
import { batchOf, sequenceOf } from '../../support/tensorBatches.ts';
import { fixturePath } from '../../support/tensorFixtures.ts';
import { downloadGradients, dropGradients, randomLora } from '../../support/tensorTraining.ts';

const kernels = kernelsWithoutLeaks();

/** The same model with its weights rounded to bfloat16, as a file would hold them. */
function inBfloat16(source: WeightSource): WeightSource {
  const tensors = new Map(
    [...source.tensors].map(([name, info]): [string, TensorInfo] => [name, { ...info, type: 'BF16' }]),
  );
  return {
    tensors,
    hash: async (signal) => source.hash(signal),
    close: async () => source.close(),
    readRows: async (name, from, count) => bfloatToFloat(floatToBfloat(await source.readRows(name, from, count))),
  };
}

const batch = batchOf([sequenceOf(17, 1), sequenceOf(9, 2)]);

async function gradientsWith(folder: string, weights: 'float32' | 'stored' | 'q8') {
  const k = kernels();
  const model = await openModel(fixturePath(folder), noSignal);
  const decoder = await Decoder.load(k, requireArch(model), inBfloat16(model.source), { weights }, noSignal);
  const adapters = await randomLora(k, model.summary.targets);
  try {
    decoder.setAdapters(adapters);
    const options = { lossScale: 1, activationCheckpointing: false };
    const { lossSum } = await decoder.accumulateGradients(batch, options, noSignal);
    return { lossSum, gradients: downloadGradients(k, adapters), logits: await decoder.logits(batch, noSignal) };
  } finally {
    dropGradients(k, adapters);
    adapters.dispose();
    decoder.dispose();
    await model.close();
  }
}

test.each(['llama/model', 'more/qwen3', 'more/gemma2', 'gpt2/model'])(
  '16-bit weights of %s kept as they are stored give the same loss, logits and gradients, bit for bit',
  async (folder) => {
    // Bug: a weight that is rounded once more, or a use that skips the cast.
    const [full, stored] = [await gradientsWith(folder, 'float32'), await gradientsWith(folder, 'stored')];
    expect(stored.lossSum).toBe(full.lossSum);
    expect(largestDifference(stored.logits, full.logits)).toBe(0);
    for (const [name, gradient] of full.gradients) {
      expect(largestDifference(stored.gradients.get(name) ?? [], gradient), name).toBe(0);
    }
  },
);

test('8-bit weights change the loss by less than a hundredth', async () => {
  // Bug: scales of another block or row.
  const [full, small] = [await gradientsWith('llama/model', 'float32'), await gradientsWith('llama/model', 'q8')];
  expect(Math.abs(small.lossSum / full.lossSum - 1)).toBeLessThan(0.01);
  expect(small.lossSum).not.toBe(full.lossSum);
});

test('an 8-bit value is off by at most half a step of its block, and blocks of zeros stay zero', () => {
  const k = kernels();
  const values = new Float32Array(3 * 64).map((_, i) => (i < 32 ? 0 : Math.sin(i) * 10 ** (i % 3)));
  const rows = k.upload(values.slice(), [3, 64]);
  const parts = int8Form.pack(k, rows, 64);
  const back = valuesOf(k, int8Form.unpack(k, parts, 64));
  k.free(rows, ...parts);
  for (let block = 0; block < values.length; block += 32) {
    const own = values.subarray(block, block + 32);
    const step = own.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) / 127;
    expect(largestDifference(back.subarray(block, block + 32), own)).toBeLessThanOrEqual(0.5001 * step);
  }
});

test.each([
  ['bfloat16', bfloat16Form],
  ['float16', float16Form],
  ['int8', int8Form],
] as const)('rows of a %s weight that came in pieces are those of the whole', async (_name, form) => {
  const k = kernels();
  const shape = [9000, 512] as const;
  const source = {
    tensors: new Map([['w', { shape }]]),
    readRows: (_: string, from: number, count: number) =>
      Promise.resolve(Float32Array.from({ length: count * 512 }, (_value, i) => Math.sin(from * 512 + i))),
  };
  const weight = await uploadFrozen(k, source, 'w', shape, false, form, noSignal);
  expect(weight).toBeInstanceOf(PackedWeight);
  const indexes = k.uploadInts(Int32Array.of(8999, 0, 8191, 8192));
  const all = valuesOf(k, weight.read());
  const some = valuesOf(k, weight.rows(indexes));
  [8999, 0, 8191, 8192].forEach((row, i) => {
    expect(some.subarray(i * 512, (i + 1) * 512), String(row)).toEqual(all.subarray(row * 512, (row + 1) * 512));
  });
  expect(
    largestDifference(
      all.subarray(8999 * 512),
      Float32Array.from({ length: 512 }, (_value, i) => Math.sin(8999 * 512 + i)),
    ),
  ).toBeLessThan(5e-3);
  weight.dispose();
  k.free(indexes);
});
