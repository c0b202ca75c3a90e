/** What adapters hold besides their parameters: written once for a run, checked, and read again by whoever needs it. */
import { cpSync } from 'node:fs';
import { appendFile, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TrainConfigInput } from '../../../src-main/contract/requests.schema.ts';
import type { TrainEvent } from '../../../src-main/contract/training.ts';
import { openModel } from '../../../src-main/models/open.ts';
import { checkpointFolder, openCheckpoint, writeCheckpoint } from '../../../src-main/runs/checkpoints.ts';
import { copyRecord, readRun } from '../../../src-main/runs/runFolder.ts';
import {
  frozenFile,
  readAdapterFile,
  readCheckpointAdapter,
  readTensors,
  writeAdapterFile,
} from '../../../src-main/training/adapterFile.ts';
import { appErrorOf } from '../../support/appErrorOf.ts';
import { checkpointFile, makeDataFolder, resume, start, stepLosses, storiesConfig } from './storiesRun.ts';

let folder: Awaited<ReturnType<typeof makeDataFolder>>;
let whole = '';
let broken = '';
const events: TrainEvent[] = [];
const mosara: TrainConfigInput['method'] = { name: 'mosara', sets: 3, threshold: 0.3 };

beforeAll(async () => {
  folder = await makeDataFolder();
  whole = path.join(folder.folder, 'whole');
  broken = path.join(folder.folder, 'broken');
  const config = storiesConfig(folder.data, { method: mosara, steps: 6, saveEvery: 2, learningRate: 0.05 });
  await start(config, whole, { events });
  const aborted = start(config, broken, {
    events: [],
    onEvent: (event, abort) => {
      if (event.event === 'step' && event.step === 5) abort();
    },
  });
  expect(await appErrorOf(aborted)).toMatchObject({ code: 'CANCELLED' });
});
afterAll(() => folder.remove());

function copyOf(run: string, name: string): string {
  const copy = path.join(folder.folder, name);
  cpSync(run, copy, { recursive: true });
  return copy;
}

// Bug: the same frozen vectors again in every checkpoint, 98 % of its size.
test('frozen vectors lie once in the run, and no checkpoint repeats them', async () => {
  const frozen = await readTensors(path.join(whole, frozenFile));
  expect([...frozen.tensors.keys()].every((name) => /\.(U|Vt)$/.test(name))).toBe(true);
  expect(frozen.tensors.size).toBe(2 * 35);
  const { tensors } = await readAdapterFile(path.join(checkpointFolder(whole, 6), 'adapter.safetensors'));
  expect([...tensors.keys()].filter((name) => /\.(U|Vt)$/.test(name))).toEqual([]);
  const { size } = await stat(path.join(checkpointFolder(whole, 6), 'adapter.safetensors'));
  expect(size).toBeLessThan((await stat(path.join(whole, frozenFile))).size);
  expect((await readdir(whole)).filter((name) => name.includes('frozen'))).toEqual([frozenFile]);
});

test('methods without frozen parts have no such file', async () => {
  const run = path.join(folder.folder, 'lora');
  await start(storiesConfig(folder.data, { method: { name: 'lora', rank: 2 }, steps: 1 }), run, { events: [] });
  expect(await readdir(run)).not.toContain(frozenFile);
  expect((await openCheckpoint(run, 1)).shared).toBeUndefined();
});

test('a run folder of 0.1.0, whose checkpoints hold everything, goes on as it would have', async () => {
  const run = copyOf(broken, 'of 0.1.0');
  const { folder: checkpoint, state, shared } = await openCheckpoint(run, 4);
  const adapter = await readCheckpointAdapter(run, { folder: checkpoint, shared });
  const record = await readRun(run);
  for (const step of [0, 2]) await rm(checkpointFolder(run, step), { recursive: true, force: true });
  const moments = path.join(folder.folder, 'optimizer.safetensors');
  cpSync(path.join(checkpoint, 'optimizer.safetensors'), moments);
  await writeCheckpoint(run, state, async (unfinished) => {
    await writeAdapterFile(path.join(unfinished, 'adapter.safetensors'), adapter);
    cpSync(moments, path.join(unfinished, 'optimizer.safetensors'));
    await copyRecord(unfinished, record);
  });
  await rm(path.join(run, frozenFile));
  const resumed: TrainEvent[] = [];
  expect(await resume(run, { events: resumed })).toMatchObject({ state: 'done', step: 6 });
  const losses = stepLosses(events);
  expect(stepLosses(resumed)).toEqual(new Map([...losses].filter(([step]) => step > 4)));
  for (const file of ['adapter.safetensors', 'optimizer.safetensors']) {
    expect((await checkpointFile(run, 6, file)).equals(await checkpointFile(whole, 6, file)), file).toBe(true);
  }
});

test.each([
  ['changed', (file: string) => appendFile(file, 'x')],
  ['missing', (file: string) => rm(file)],
])('a %s file of frozen vectors is refused by its name, on resume and wherever the run is read', async (name, harm) => {
  const run = copyOf(broken, name);
  const file = path.join(run, frozenFile);
  await harm(file);
  const fault = { code: 'CHECKPOINT_DAMAGED', message: expect.stringContaining(file) as unknown };
  expect(await appErrorOf(resume(run, { events: [] }))).toMatchObject(fault);
  expect(await appErrorOf(openCheckpoint(run, 4))).toMatchObject(fault);
});

test('what Mo-SARA has learnt is told with the mean gates over the held-out rows', async () => {
  const learnt = events.flatMap((event) => (event.event === 'learnt' && event.step === 6 ? event.matrices : []));
  const gates = events.flatMap((event) => (event.event === 'gates' && event.step === 6 ? event.matrices : []));
  expect(learnt).toHaveLength(35);
  const { tensors } = await readCheckpointAdapter(whole, await openCheckpoint(whole, 6));
  const model = await openModel((await readRun(whole)).model.path, new AbortController().signal);
  for (const { name, relativeNorm, effectiveRank } of learnt.slice(0, 3)) {
    const part = (end: string): Float32Array => tensors.get(`${name}.${end}`)?.data ?? new Float32Array();
    const mean = gates.find((one) => one.name === name)?.mean ?? [];
    const U = part('U');
    const lambda = part('lambda');
    const k = lambda.length / mean.length;
    // V has orthonormal columns, so ‖ΔW‖ is that of diag(v) U diag(Σ g λ).
    const mixed = Array.from({ length: k }, (_, i) =>
      mean.reduce((sum, gate, set) => sum + gate * (lambda[set * k + i] ?? 0), 0),
    );
    const change = U.reduce((sum, u, i) => {
      return sum + ((part('v')[Math.floor(i / k)] ?? 0) * u * (mixed[i % k] ?? 0)) ** 2;
    }, 0);
    const W0 = await model.source.readRows(`${name}.weight`, 0, part('v').length);
    const base = W0.reduce((sum, w) => sum + w * w, 0);
    expect(relativeNorm / Math.sqrt(change / base), name).toBeCloseTo(1, 3);
    expect(effectiveRank).toBeGreaterThan(1);
    expect(effectiveRank).toBeLessThanOrEqual(k + 1e-6);
  }
  await model.close();
});
