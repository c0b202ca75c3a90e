import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  trainConfigSchema,
  type TrainConfig,
  type TrainConfigInput,
} from '../../../src-main/contract/requests.schema.ts';
import { checkpointsAtOnce, estimateDisk } from '../../../src-main/estimate/disk.ts';
import { estimateRun } from '../../../src-main/estimate/estimate.ts';
import { fitRun } from '../../../src-main/estimate/fit.ts';
import { storiesFolder } from '../../support/goldenPath.ts';

const signal = new AbortController().signal;
let cache = '';
let data = '';
beforeEach(() => {
  cache = mkdtempSync(path.join(os.tmpdir(), 'sara-cache-'));
  process.env['SARA_CACHE'] = cache;
  data = path.join(cache, 'rows.jsonl');
  const row = (i: number): string =>
    JSON.stringify({ prompt: `Lily saw ${String(i)}.`, completion: 'She was happy. '.repeat(1 + (i % 12)) });
  writeFileSync(data, Array.from({ length: 64 }, (_, i) => row(i)).join('\n'));
});
afterEach(() => {
  rmSync(cache, { recursive: true });
});

function config(change: Partial<TrainConfigInput> = {}): TrainConfig {
  return trainConfigSchema.parse({
    model: storiesFolder,
    data: { path: data, template: 'plain', validationShare: 0.2 },
    method: { name: 'lora', rank: 8, alpha: 16 },
    steps: 10,
    batchSize: 32,
    ...change,
  });
}

async function memoryOf(settings: TrainConfig): Promise<number> {
  return (await estimateRun(settings, signal)).memory.total;
}

test('what fits is left as it is', async () => {
  const fit = await fitRun(config(), undefined, signal);
  expect(fit).toMatchObject({ changes: [], settings: {}, fits: true });
  expect(fit.after).toEqual(fit.before);
});

test('rows at a time are given up first, no further than needed, with as many rows in a step', async () => {
  const half = await memoryOf(config({ batchSize: 16, accumulation: 2 }));
  const fit = await fitRun(config(), half, signal);
  expect(fit.changes).toEqual([{ kind: 'batch', rows: [32, 16], accumulation: [1, 2] }]);
  expect(fit.settings).toEqual({ batchSize: 16, accumulation: 2 });
  expect(fit.fits).toBe(true);
  // The numbers promised are those of the settings proposed.
  expect(fit.after.memory.total).toBe(await memoryOf(config({ ...fit.settings })));
});

test('where one row at a time is too much, later changes follow in the order of their price', async () => {
  const one = await memoryOf(config({ batchSize: 1, accumulation: 32, activationCheckpointing: true }));
  const fit = await fitRun(config(), one - 1, signal);
  const order = ['batch', 'weights', 'recompute', 'length', 'rank', 'checkpoints'];
  const kinds = fit.changes.map(({ kind }) => order.indexOf(kind));
  expect(kinds).toEqual([...kinds].sort((a, b) => a - b));
  expect(fit.changes.some(({ kind }) => kind === 'length')).toBe(true);
  expect(fit.after.memory.total).toBeLessThan(one);
  expect(fit.after.memory.total).toBeLessThanOrEqual(await memoryOf(config({ ...fit.settings })));
});

test('what never fits is said, with the smallest settings found', async () => {
  const fit = await fitRun(config(), 1e6, signal);
  expect(fit.fits).toBe(false);
  expect(fit.settings).toMatchObject({ batchSize: 1, activationCheckpointing: true });
  expect(fit.settings.method).toMatchObject({ name: 'lora', rank: 1, alpha: 2 });
});

test('packed rows that no example fills become shorter before any example is cut', async () => {
  const packed = config({ batchSize: 1, packing: true, sequenceLength: 512, activationCheckpointing: true });
  const fit = await fitRun(packed, (await memoryOf(packed)) - 1, signal);
  expect(fit.changes.find(({ kind }) => kind === 'length')).toMatchObject({ cut: 0 });
});

test('checkpoints at once are those kept, the best and the one being written, and no more than there can be', () => {
  expect(checkpointsAtOnce(2, 100)).toBe(4);
  expect(checkpointsAtOnce(2, 1)).toBe(2);
  const inputs = { config: config(), steps: 100, trainable: 1000, frozenValues: 0, trainingState: 0 };
  const disk = estimateDisk({ ...inputs, matrices: 4, heldOutRows: 0 });
  // Values and both moments, as float32.
  expect(disk.checkpoint).toBeGreaterThan(12_000);
  expect(disk.checkpoints).toBe(4 * disk.checkpoint);
  expect(disk.shared).toBe(0);
  expect(disk.total).toBe(disk.checkpoints + disk.records);
});
