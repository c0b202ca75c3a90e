import { expect, test } from 'vitest';
import { trainConfigSchema, type TrainConfigInput } from '../../../src-main/contract/requests.schema.ts';
import { hashOfData, probeKey } from '../../../src-main/studies/probeKey.ts';

function key(changes: Partial<TrainConfigInput> = {}, model = 'm', data = 'd', matrices = ['q', 'v']): string {
  const config = trainConfigSchema.parse({
    model: '/here/model',
    data: { path: '/here/rows.jsonl' },
    method: { name: 'sara' },
    ...changes,
  });
  return probeKey(model, data, matrices, { ...config, steps: config.steps ?? 8 });
}

test('the same training has the same key wherever its files lie, and however it is evaluated', () => {
  expect(key({ model: '/there', data: { path: '/there.jsonl' } })).toBe(key());
  expect(key({ evaluateEvery: 3, keepCheckpoints: 5, activationCheckpointing: true })).toBe(key());
  expect(key({ method: { threshold: 0.05, init: 'zero-b', name: 'sara' } })).toBe(key());
});

// Bug: a finished point of other settings taken for this one.
test('whatever changes the losses changes the key', () => {
  const keys = [
    key(),
    key({}, 'other weights'),
    key({}, 'm', 'other rows'),
    key({}, 'm', 'd', ['q']),
    key({ steps: 9 }),
    key({ seed: 1 }),
    key({ learningRate: 2e-3 }),
    key({ schedule: 'cosine' }),
    key({ warmupSteps: 2 }),
    key({ weightDecay: 0 }),
    key({ clipNorm: 0 }),
    key({ batchSize: 4 }),
    key({ accumulation: 2 }),
    key({ sequenceLength: 64 }),
    key({ packing: true }),
    key({ lengthBuckets: false }),
    key({ betas: [0.9, 0.99] }),
    key({ epsilon: 1e-6 }),
    key({ method: { name: 'sara', threshold: 0.1 } }),
    key({ method: { name: 'sara', init: 'svd' } }),
    key({ method: { name: 'sara', dropout: 0.1 } }),
    key({ method: { name: 'lora' } }),
  ];
  expect(new Set(keys).size).toBe(keys.length);
});

test('the hash of the rows tells training from held-out rows, and one row from two', () => {
  const row = (...ids: number[]) => ({
    row: 1,
    truncated: 0,
    ids: Int32Array.from(ids),
    loss: new Uint8Array(ids.length),
  });
  const hashes = [
    hashOfData({ train: [row(1, 2)], validation: [row(3)] }),
    hashOfData({ train: [row(3)], validation: [row(1, 2)] }),
    hashOfData({ train: [row(1), row(2)], validation: [row(3)] }),
    hashOfData({ train: [row(1, 2), row(3)], validation: [] }),
  ];
  expect(new Set(hashes).size).toBe(hashes.length);
});
