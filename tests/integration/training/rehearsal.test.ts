import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrainConfigInput } from '../../../src-main/contract/requests.schema.ts';
import type { TrainEvent } from '../../../src-main/contract/training.ts';
import { BatchPlanner } from '../../../src-main/data/batches.ts';
import { longestBatch } from '../../../src-main/data/longestBatch.ts';
import { Decoder } from '../../../src-main/decoder/decoder.ts';
import { openModel } from '../../../src-main/models/open.ts';
import { readRun } from '../../../src-main/runs/runFolder.ts';
import { openBackend } from '../../../src-main/tensor/backend.ts';
import { planStart } from '../../../src-main/training/planStart.ts';
import { prepareData } from '../../../src-main/training/prepareData.ts';
import { trainProbe } from '../../../src-main/training/trainProbe.ts';
import { environment, makeDataFolder, start, stepLosses, storiesConfig } from './storiesRun.ts';

let folder: Awaited<ReturnType<typeof makeDataFolder>>;
beforeAll(async () => {
  folder = await makeDataFolder();
});
afterAll(() => folder.remove());

/** The same training without a run, hence without a rehearsal. */
async function withoutRehearsal(changes: Partial<TrainConfigInput>): Promise<{ loss: number | null }> {
  const { signal } = new AbortController();
  const config = { ...storiesConfig(folder.data, changes), steps: 4 };
  const model = await openModel(config.model, signal);
  const { kernels } = await openBackend();
  const { arch } = model;
  if (arch === undefined) throw new Error('The sample has a decoder.');
  const data = await prepareData(config, await model.tokenizer(), arch, signal);
  const planned = await planStart(model, config, await environment(), signal);
  const decoder = await Decoder.load(kernels, arch, model.source, { weights: config.weights }, signal);
  try {
    return await trainProbe(decoder, planned, config, data, signal);
  } finally {
    decoder.dispose();
    await model.close();
  }
}

describe('a rehearsal', () => {
  it.each<[string, Partial<TrainConfigInput>]>([
    ['SARA', {}],
    ['LoRA with dropout', { method: { name: 'lora', rank: 4, dropout: 0.2 } }],
    ['AdaLoRA, whose training keeps a state', { method: { name: 'adalora', initialRank: 6, targetRank: 3 } }],
    ['Mo-SARA', { method: { name: 'mosara', threshold: 0.05, sets: 2 } }],
    ['packing and accumulation', { packing: true, accumulation: 2, batchSize: 2, sequenceLength: 64 }],
    ['recomputed activations', { activationCheckpointing: true }],
  ])('leaves a training bit for bit what it was: %s', async (name, changes) => {
    const run = path.join(folder.folder, `run ${name.replaceAll(/\W/g, '-')}`);
    const watched = { events: [] as TrainEvent[] };
    const record = await start(storiesConfig(folder.data, { ...changes, steps: 4 }), run, watched);
    const phases = watched.events.flatMap((event) => (event.event === 'phase' ? [event.phase] : []));
    expect(phases.indexOf('rehearsing')).toBeGreaterThan(-1);
    expect(phases.indexOf('rehearsing')).toBeLessThan(phases.indexOf('training'));
    const { loss } = await withoutRehearsal(changes);
    // The last evaluation sees every parameter after every step.
    const last = watched.events.findLast((event) => event.event === 'eval');
    expect(last?.loss).toBe(loss);
    expect(record.state).toBe('done');
  });

  it('leaves nothing in the run’s folder, and what the run took stands beside what was expected', async () => {
    const run = path.join(folder.folder, 'measured');
    const watched = { events: [] as TrainEvent[] };
    await start(storiesConfig(folder.data, { steps: 4 }), run, watched);
    expect((await readdir(run)).filter((name) => name.startsWith('.'))).toEqual([]);
    const { needs } = await readRun(run);
    expect(needs?.estimated.memory.total).toBeGreaterThan(needs?.estimated.memory.weights ?? Infinity);
    expect(needs?.measured?.memory).toBeGreaterThan(50e6);
    expect(needs?.measured?.seconds).toBeGreaterThan(0);
    // Everything in the folder, and less than was kept ready for it.
    const { size } = { size: (await readFile(path.join(run, 'metrics.jsonl'))).length };
    expect(needs?.measured?.disk).toBeGreaterThan(size);
    expect(needs?.measured?.disk).toBeLessThanOrEqual(needs?.estimated.disk.total ?? 0);
  });

  it('comes before the first step: every step is still reported once', async () => {
    const watched = { events: [] as TrainEvent[] };
    await start(storiesConfig(folder.data, { steps: 3 }), path.join(folder.folder, 'steps'), watched);
    expect([...stepLosses(watched.events).keys()]).toEqual([1, 2, 3]);
  });
});

describe('the longest batch', () => {
  const lengths = Array.from({ length: 200 }, (_, i) => 1 + ((i * 37) % 61));
  const tokens = (batch: readonly number[]): number => batch.reduce((sum, i) => sum + (lengths[i] ?? 0), 0);

  it.each([false, true])('no batch of many epochs has more tokens; packing: %s', (packing) => {
    const options = { batchSize: 4, accumulation: 3, sequenceLength: 64, packing, lengthBuckets: true, seed: 5 };
    const longest = tokens(longestBatch(lengths, options));
    const planner = new BatchPlanner(lengths, options);
    const steps = planner.stepsIn(20);
    for (let step = 0; step < steps; step += 1) {
      for (const batch of planner.next()) expect(tokens(batch)).toBeLessThanOrEqual(longest);
    }
    expect(new Set(longestBatch(lengths, options)).size).toBe(longestBatch(lengths, options).length);
  });
});
