/** Compressing a run, through the operation that the window and the command line call. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { TrainConfigInput } from '../../../src-main/contract/requests.schema.ts';
import { loraParameters } from '../../../src-main/contract/rank.ts';
import { readEvents } from '../../../src-main/runs/runEvents.ts';
import { readRun } from '../../../src-main/runs/runFolder.ts';
import { appErrorOf } from '../../support/appErrorOf.ts';
import { answersOfRun, compressRun, exportRun, liveTensors, lossOf, trainRun } from '../../support/exportRuns.ts';
import { storiesFolder } from '../../support/goldenPath.ts';
import { largestDifference } from '../../support/tensorBackend.ts';

let folder = '';
let run = '';
/** Rows held out by the run. */
let held = '';
let alive = 0;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sara-compress-'));
  held = path.join(folder, 'held.jsonl');
  const rows = ['a dog', 'the sea', 'we saw'].map((prompt) => ({ prompt, completion: `${prompt} again` }));
  await writeFile(held, rows.map((row) => JSON.stringify(row)).join('\n'));
  const data = { path: path.join(folder, 'sara', 'data.jsonl'), validationPath: held, template: 'plain' } as const;
  run = await trainRun(storiesFolder, path.join(folder, 'sara'), { data });
});
afterAll(async () => rm(folder, { recursive: true }));
beforeEach(async () => {
  alive = await liveTensors();
});
afterEach(async () => {
  expect(await liveTensors(), 'tensors alive after the test').toBe(alive);
});

const tokens = [1, 30, 60, 90, 120, 150];

async function logitsOf(of: string): Promise<Float32Array> {
  return (await answersOfRun(of, tokens, [])).logits;
}

const cases: readonly [string, TrainConfigInput['method']][] = [
  ['SARA', { name: 'sara', threshold: 0.25 }],
  ['PiSSA', { name: 'pissa', rank: 4 }],
  ['AdaLoRA', { name: 'adalora', initialRank: 6, targetRank: 2, tinit: 1, tfinal: 2 }],
];
test.each(cases)('energy 1 keeps what %s has learnt', async (name, method) => {
  const trained = name === 'SARA' ? run : await trainRun(storiesFolder, path.join(folder, name), { method });
  const out = path.join(folder, `${name} whole`);
  const { compressed, before } = await compressRun(trained, [1], out);
  expect(largestDifference(await logitsOf(out), await logitsOf(trained))).toBeLessThan(1e-4);
  // The factors are rounded to float32 anew, by each processor in its own way: 2.3e-6 where products use AVX-512.
  expect(Math.abs((compressed[0]?.loss ?? NaN) - (before.loss ?? NaN))).toBeLessThan(1e-5);
  expect(compressed[0]?.matrices.every(({ newRank, oldRank }) => newRank <= oldRank)).toBe(true);
});

test('less energy gives smaller ranks, and the loss that is told is that of the written adapter', async () => {
  const several = await compressRun(run, [0.99, 0.9, 0.5]);
  expect(several.out).toBeUndefined();
  const sizes = several.compressed.map(({ parameters }) => parameters);
  expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
  expect(sizes.at(-1)).toBeLessThan(several.before.parameters / 2);
  for (const { matrices, energy, parameters, bytes } of several.compressed) {
    expect(matrices.every(({ kept }) => kept >= energy)).toBe(true);
    expect(parameters).toBe(matrices.reduce((sum, { shape, newRank }) => sum + loraParameters(shape, newRank), 0));
    expect(bytes).toBe(4 * parameters);
  }

  const out = path.join(folder, 'half');
  const { compressed } = await compressRun(run, [0.5], out);
  const record = await readRun(out);
  expect(compressed[0]).toEqual(several.compressed[2]);
  expect(record).toMatchObject({
    state: 'done',
    trainable: sizes.at(-1),
    compressed: { run, energy: 0.5, method: expect.stringContaining('SARA') as unknown },
    best: { loss: compressed[0]?.loss },
  });
  const events = await readEvents(out, 100);
  expect(events.map(({ event }) => event)).toEqual(['eval', 'eval', 'done']);
  expect(await lossOf(out, { ...record.config.data, path: held })).toBeCloseTo(compressed[0]?.loss ?? NaN, 6);
  const exported = await exportRun(out, 'peft-compact', path.join(folder, 'half-peft'));
  expect(exported.checks.filter(({ passed }) => !passed)).toEqual([]);
});

test('a run that cannot be cut is refused, and no folder is left', async () => {
  const dora = await trainRun(storiesFolder, path.join(folder, 'dora'), { method: { name: 'dora', rank: 2 } });
  const whole = await trainRun(storiesFolder, path.join(folder, 'full'), { method: { name: 'full' } });
  const out = path.join(folder, 'nothing');
  expect(await appErrorOf(compressRun(whole, [0.9]))).toMatchObject({ code: 'NOT_MERGEABLE' });
  expect(await appErrorOf(compressRun(dora, [0.9], out))).toMatchObject({ code: 'NOT_MERGEABLE' });
  expect(await readdir(folder)).not.toContain('nothing');
  expect(await appErrorOf(compressRun(run, [0.9, 0.5], out))).toMatchObject({ code: 'USAGE' });
  expect(await appErrorOf(compressRun(run, [0.9], folder))).toMatchObject({ code: 'TARGET_EXISTS' });
});
