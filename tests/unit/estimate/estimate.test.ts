import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { analyse } from '../../../src-main/analysis/analyse.ts';
import {
  trainConfigSchema,
  type TrainConfig,
  type TrainConfigInput,
} from '../../../src-main/contract/requests.schema.ts';
import type { TrainEvent } from '../../../src-main/contract/training.ts';
import { estimateRun, recordSpeed } from '../../../src-main/estimate/estimate.ts';
import { forwardFlops, trainingFlops } from '../../../src-main/estimate/flops.ts';
import { estimateMemory } from '../../../src-main/estimate/memory.ts';
import { modelCost, tokenCounts, type ModelCost, type TokenCounts } from '../../../src-main/estimate/modelCost.ts';
import { keepSpeed, knownSpeed, SpeedMeter } from '../../../src-main/estimate/speed.ts';
import { openModel } from '../../../src-main/models/open.ts';
import { openBackend } from '../../../src-main/tensor/backend.ts';
import { storiesFolder } from '../../support/goldenPath.ts';
import { smollm2Path } from '../../support/smollm2Path.ts';

const signal = new AbortController().signal;
const samples = path.join(storiesFolder, '..');
// Asked for before the cache is moved: the model lies in the real one.
const smollm2 = smollm2Path();

let cache = '';
beforeEach(() => {
  cache = mkdtempSync(path.join(os.tmpdir(), 'sara-cache-'));
  process.env['SARA_CACHE'] = cache;
});
afterEach(() => {
  rmSync(cache, { recursive: true });
});

function config(change: Partial<TrainConfigInput> = {}): TrainConfig {
  return trainConfigSchema.parse({
    model: storiesFolder,
    data: { path: path.join(samples, 'e2e', 'train.jsonl'), validationShare: 0 },
    method: { name: 'sara', threshold: 0.05 },
    steps: 10,
    ...change,
  });
}

const mebibyte = 2 ** 20;

/** Counts of sequences no longer than a tile. */
function likeLengths(tokens: number, squares: number, lossTokens: number): TokenCounts {
  return { tokens, computed: tokens, squares, scoresAtOnce: squares, lossTokens };
}

describe('memory', () => {
  // Peak resident memory (VmHWM) of training steps of SmolLM2-135M with LoRA of rank 12 in the engine's environment.
  const eight: TokenCounts = likeLengths(1026, 131_700, 390);
  const packed: TokenCounts = likeLengths(2037, 193_000, 800);
  const long: TokenCounts = tokenCounts(
    [1024, 1024].map((tokens) => ({ tokens, lossTokens: tokens - 1, shared: 0 })),
    1,
  );
  for (const [what, batch, activationCheckpointing, measured] of [
    ['8 rows of about 128 tokens', eight, false, 1821],
    ['the same with activation checkpointing', eight, true, 1184],
    ['4 packed rows of 512 tokens', packed, false, 2566],
    ['2 rows of 1024 tokens', long, false, 2768],
  ] as const) {
    test(`${what}: between the measured peak and a sixth above it`, async () => {
      const model = await openModel(smollm2, signal);
      const { arch, summary } = model;
      await model.close();
      if (arch === undefined) throw new Error('SmolLM2 has a decoder.');
      const { total, peaks, ...parts } = estimateMemory({
        cost: modelCost(arch),
        weights: { kept: summary.bytesInMemory, unpacked: 0 },
        trainable: 3_663_360,
        frozenValues: 0,
        keptByAdapters: 4000,
        batch,
        activationCheckpointing,
      });
      expect(total / mebibyte).toBeGreaterThan(measured);
      expect(total / mebibyte).toBeLessThan(measured * (1 + 1 / 6));
      expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBe(total);
      expect(peaks.training).toBe(total);
    });
  }
});

describe('arithmetic', () => {
  const cost: ModelCost = {
    layers: 2,
    hiddenSize: 8,
    intermediateSize: 16,
    vocabularySize: 32,
    heads: 2,
    queryWidth: 8,
    keyWidth: 4,
    headNormWidth: 0,
    linear: 2 * (8 * 8 + 2 * 8 * 4 + 8 * 8 + 3 * 8 * 16),
  };
  const counts: TokenCounts = likeLengths(10, 52, 3);

  test('forward: products with weights, adapters, attention twice, vocabulary for tokens with loss only', () => {
    const weights = 10 * cost.linear;
    const attention = 2 * 2 * 8 * 52;
    const head = 3 * 32 * 8;
    expect(forwardFlops(cost, counts, 100)).toBe(2 * (weights + 10 * 100 + attention + head));
  });

  test('backward: once more for inputs, twice for adapters and attention; recomputing adds a pass through the layers', () => {
    const head = 2 * 3 * 32 * 8;
    const layers = forwardFlops(cost, counts, 0) - head;
    const attention = 2 * 2 * 2 * 8 * 52;
    const plain = trainingFlops(cost, counts, 0, false);
    expect(plain).toBe(2 * layers + attention + 2 * head);
    expect(trainingFlops(cost, counts, 0, true)).toBe(plain + layers);
    expect(trainingFlops(cost, counts, 100, false) - plain).toBe(2 * 3 * 10 * 100);
    // Frozen parts of adapters have no gradient of their own.
    expect(trainingFlops(cost, counts, 0, false, 100) - plain).toBe(2 * 2 * 10 * 100);
  });
});

test('what the rows of a batch begin with goes through the layers once a batch', () => {
  const rows = Array.from({ length: 8 }, () => ({ tokens: 100, lossTokens: 30, shared: 26 }));
  expect(tokenCounts(rows, 1)).toMatchObject({ tokens: 800, computed: 800 - 7 * 26, squares: 80_000 });
  expect(tokenCounts(rows, 2).computed).toBe(800 - 6 * 26);
  expect(tokenCounts(rows, rows.length).computed).toBe(800);
});

describe('a run', () => {
  test('before an analysis ranks are upper bounds and marked so; afterwards they are exact', async () => {
    const before = await estimateRun(config(), signal);
    expect(before.atMost).toBe(true);
    const model = await openModel(storiesFolder, signal);
    const kernels = async () => (await openBackend()).kernels;
    await analyse({ model, targets: model.summary.targets, kernels }, signal);
    await model.close();
    const after = await estimateRun(config(), signal);
    expect(after.atMost).toBeUndefined();
    // The table of the rank fixtures.
    expect(after.trainable).toBe(10_015);
    expect(after.trainable).toBeLessThan(before.trainable);
    expect(after.adapterBytes).toBeGreaterThan(4 * 10_015);
  });

  test('LoRA needs no analysis, and its own rank is the equal-budget rank', async () => {
    const estimate = await estimateRun(config({ method: { name: 'lora', rank: 3 } }), signal);
    expect(estimate.atMost).toBeUndefined();
    expect(estimate.equalBudgetLoraRank).toBe(3);
  });

  test('steps and tokens follow from rows, batch size, accumulation and epochs', async () => {
    const one = await estimateRun(config({ steps: undefined, epochs: 1, batchSize: 8 }), signal);
    expect(one.steps).toBe(50);
    const two = await estimateRun(config({ steps: undefined, epochs: 2, batchSize: 8, accumulation: 2 }), signal);
    expect([two.steps, two.tokens]).toEqual([50, 2 * one.tokens]);
    expect(two.flops / one.flops).toBeCloseTo(2, 6);
  });

  test('evaluations count', async () => {
    const data = { path: path.join(samples, 'e2e', 'train.jsonl'), validationShare: 0.2 };
    const ends = await estimateRun(config({ data }), signal);
    const often = await estimateRun(config({ data, evaluateEvery: 2 }), signal);
    expect(often.flops).toBeGreaterThan(ends.flops);
  });

  test('bad rows stop the estimate as they would stop the run', async () => {
    const file = path.join(cache, 'bad.jsonl');
    writeFileSync(file, '{"prompt":"a","completion":"b"}\nnot json\n');
    const data = { path: file, validationShare: 0 };
    await expect(estimateRun(config({ data }), signal)).rejects.toMatchObject({ code: 'DATA_INVALID' });
    expect((await estimateRun(config({ data: { ...data, skipBadRows: true } }), signal)).steps).toBe(10);
  });

  test('there is no time before anything was measured; a measured run gives the time of the next', async () => {
    const first = await estimateRun(config(), signal);
    expect(first.seconds).toBeUndefined();
    await recordSpeed(config(), 500, signal);
    const { seconds, tokens } = await estimateRun(config(), signal);
    expect(seconds).toBeCloseTo(tokens / 500, 2);
    // Twice the steps take twice the time.
    expect((await estimateRun(config({ steps: 20 }), signal)).seconds).toBeCloseTo((2 * tokens) / 500, 2);
  });

  test('rounded operands take memory, and the speed of such a run is not taken for that of others', async () => {
    const rounded = config({ products: 'bfloat16' });
    await recordSpeed(rounded, 500, signal);
    const [exact, fast] = [await estimateRun(config(), signal), await estimateRun(rounded, signal)];
    expect(exact.seconds).toBeUndefined();
    expect(fast.memory.activations).toBeGreaterThan(exact.memory.activations);
  });
});

describe('remembered speeds', () => {
  test('a model’s own speed comes first, then that of the model nearest in size, none of another magnitude', async () => {
    await keepSpeed({ modelHash: 'small', parameters: 1e8, flopsPerSecond: 10 });
    await keepSpeed({ modelHash: 'large', parameters: 1e9, flopsPerSecond: 20 });
    await keepSpeed({ modelHash: 'small', parameters: 1e8, flopsPerSecond: 12 });
    expect(await knownSpeed('small', 1e8)).toBe(12);
    expect(await knownSpeed('other', 2e8)).toBe(12);
    expect(await knownSpeed('other', 8e8)).toBe(20);
    expect(await knownSpeed('other', 3e5)).toBeUndefined();
  });

  test('a damaged file and a speed that is not one are as good as none', async () => {
    await keepSpeed({ modelHash: 'a', parameters: 1e8, flopsPerSecond: NaN });
    expect(await knownSpeed('a', 1e8)).toBeUndefined();
    writeFileSync(path.join(cache, 'training-speed.json'), '{"version":1,"speeds":[{"modelHash":1}]}');
    expect(await knownSpeed('a', 1e8)).toBeUndefined();
    await keepSpeed({ modelHash: 'a', parameters: 1e8, flopsPerSecond: 5 });
    expect(await knownSpeed('a', 1e8)).toBe(5);
  });

  test('the meter weighs steps by their time and leaves the first two out', () => {
    const meter = new SpeedMeter();
    let tokens = 0;
    const step = (count: number, tokensPerSecond: number): void => {
      tokens += count;
      const event = { event: 'step', tokens, tokensPerSecond } as TrainEvent;
      meter.observe(event);
    };
    step(100, 1);
    step(100, 1);
    expect(meter.tokensPerSecond).toBeUndefined();
    step(100, 100);
    meter.observe({ event: 'eval', step: 3, loss: 1, best: true });
    step(300, 100);
    step(200, 50);
    // 600 tokens in 1 + 3 + 4 seconds.
    expect(meter.tokensPerSecond).toBeCloseTo(75, 9);
  });
});
