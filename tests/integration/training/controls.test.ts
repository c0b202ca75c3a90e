import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ControlAction } from '../../../src-main/contract/engine.ts';
import type { TrainEvent } from '../../../src-main/contract/training.ts';
import { checkpointFolder } from '../../../src-main/runs/checkpoints.ts';
import { readRun } from '../../../src-main/runs/runFolder.ts';
import { readSamples } from '../../../src-main/runs/validationSamples.ts';
import { openBackend } from '../../../src-main/tensor/backend.ts';
import { readAdapterFile } from '../../../src-main/training/adapterFile.ts';
import { evalLosses, makeDataFolder, start, stepLosses, storiesConfig } from './storiesRun.ts';

let folder: Awaited<ReturnType<typeof makeDataFolder>>;
beforeAll(async () => {
  folder = await makeDataFolder();
});
afterAll(() => folder.remove());

function at(step: number, action: ControlAction) {
  return (event: TrainEvent, _abort: () => void, ask: (action: ControlAction) => void): void => {
    if (event.event === 'step' && event.step === step) ask(action);
  };
}

describe('startTraining', () => {
  it('learns: the held-out loss falls well below the base model’s, and the best checkpoint is kept', async () => {
    const events: TrainEvent[] = [];
    const run = path.join(folder.folder, 'learns');
    const config = storiesConfig(folder.data, { steps: 24, evaluateEvery: 6, samplePrompts: ['Tom saw a cat.'] });
    const record = await start(config, run, { events });
    const losses = evalLosses(events);
    expect(record.baseLoss).toBe(losses[0]?.[1]);
    expect(record.best?.loss).toBe(Math.min(...losses.slice(1).map(([, loss]) => loss)));
    expect(record.best?.loss).toBeLessThan(0.6 * (record.baseLoss ?? 0));
    const kept = await readdir(path.join(run, 'checkpoints'));
    expect(kept).toContain(`step-${String(record.best?.step).padStart(6, '0')}`);
    expect(kept).toContain('step-000024');
    expect(kept.length).toBeLessThanOrEqual(config.keepCheckpoints + 1);
    // The base model's answer first, then one at each evaluation.
    const answered = events.flatMap((event) => (event.event === 'sample' ? [event.step] : []));
    expect(answered).toEqual([0, 6, 12, 18, 24]);
    const { best: atBest, last: atLast } = await readSamples(run);
    expect([atBest?.step, atLast?.step]).toEqual([record.best?.step, 24]);
    expect(atLast?.worst[0]?.loss).toBeGreaterThan(atLast?.best[0]?.loss ?? Infinity);
    for (const row of atLast?.worst ?? []) {
      const own = row.tokens.flatMap(({ loss }) => (loss === null ? [] : [loss]));
      expect(own.reduce((sum, loss) => sum + loss, 0) / own.length).toBeCloseTo(row.loss, 2);
      // Rows it had never seen are learnt too.
      expect(row.baseLoss).toBeGreaterThan(0);
    }
    expect(record.neutral).toMatchObject({ best: { step: record.best?.step }, last: { step: 24 } });
    expect((await readRun(run)).neutral).toEqual(record.neutral);
    const last = events.at(-1);
    expect(last).toMatchObject({ event: 'done', steps: 24, bestStep: record.best?.step, stoppedEarly: false });
  });

  it('refuses rows that never teach the model to stop, before anything is written', async () => {
    const run = path.join(folder.folder, 'endless');
    const data = path.join(folder.folder, 'long.jsonl');
    const row = { prompt: 'Tom saw a cat.', completion: 'It ran away. '.repeat(40) };
    await writeFile(data, `${JSON.stringify(row)}\n`.repeat(10));
    const long = storiesConfig(data, { sequenceLength: 36 });
    await expect(start(long, run, { events: [] })).rejects.toMatchObject({
      code: 'END_NOT_LEARNT',
      message: expect.stringMatching(/cut off before its end token at 36 tokens/) as string,
    });
    await expect(readdir(run)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('tells what each matrix has learnt: nothing at first, then a change of at most its rank', async () => {
    const events: TrainEvent[] = [];
    const config = storiesConfig(folder.data, { steps: 6, evaluateEvery: 3 });
    const record = await start(config, path.join(folder.folder, 'learnt'), { events });
    const learnt = events.flatMap((event) => (event.event === 'learnt' ? [event] : []));
    expect(learnt.map((event) => event.step)).toEqual([3, 6]);
    const [early, late] = learnt;
    record.ranks.forEach(({ name, rank }, i) => {
      expect(late?.matrices[i]?.name).toBe(name);
      expect(late?.matrices[i]?.relativeNorm).toBeGreaterThan(0);
      expect(late?.matrices[i]?.effectiveRank).toBeLessThanOrEqual(rank + 1e-6);
    });
    const norm = (event: typeof early): number => (event?.matrices ?? []).reduce((sum, m) => sum + m.relativeNorm, 0);
    expect(norm(late)).toBeGreaterThan(norm(early));
  });

  it('stops and keeps what was learnt when asked to', async () => {
    const events: TrainEvent[] = [];
    const run = path.join(folder.folder, 'stopped');
    const record = await start(storiesConfig(folder.data), run, { events, onEvent: at(4, 'stop') });
    expect(record).toMatchObject({ state: 'stopped', step: 4, last: { step: 4 } });
    expect(await readRun(run)).toEqual(record);
    expect(events.at(-1)).toMatchObject({ event: 'done', steps: 4 });
  });

  it('pauses with a checkpoint and goes on with the same losses as without the pause', async () => {
    const plain: TrainEvent[] = [];
    await start(storiesConfig(folder.data, { steps: 5 }), path.join(folder.folder, 'plain'), { events: plain });
    const paused: TrainEvent[] = [];
    const run = path.join(folder.folder, 'paused');
    await start(storiesConfig(folder.data, { steps: 5 }), run, {
      events: paused,
      onEvent: (event, _abort, ask) => {
        if (event.event === 'step' && event.step === 2) ask('pause');
        if (event.event === 'paused') setTimeout(() => ask('continue'), 10);
      },
    });
    const kinds = paused.map((event) => event.event);
    expect(kinds.slice(kinds.indexOf('paused') - 1, kinds.indexOf('continued') + 1)).toEqual([
      'checkpoint',
      'paused',
      'continued',
    ]);
    expect(stepLosses(paused)).toEqual(stepLosses(plain));
  });

  it('drops out in training and never in evaluation', async () => {
    const events = { with: [] as TrainEvent[], without: [] as TrainEvent[] };
    // A share that drops nothing: at 0 tokens that rows share are computed once, in products that round otherwise.
    for (const [name, dropout] of [['with', 0.3] as const, ['without', 1e-12] as const]) {
      const config = storiesConfig(folder.data, { steps: 3, method: { name: 'lora', dropout } });
      await start(config, path.join(folder.folder, `${name} dropout`), { events: events[name] });
    }
    const [dropped, plain] = [stepLosses(events.with), stepLosses(events.without)];
    // B is 0 in the first step, so that dropping inputs changes nothing yet.
    expect(dropped.get(1)).toBe(plain.get(1));
    expect(dropped.get(3)).not.toBe(plain.get(3));
    expect(evalLosses(events.with)[0]).toEqual(evalLosses(events.without)[0]);
  });

  it('can be cancelled while it is paused', async () => {
    const run = path.join(folder.folder, 'cancelled while paused');
    const cancelled = start(storiesConfig(folder.data), run, {
      events: [],
      onEvent: (event, abort, ask) => {
        if (event.event === 'step' && event.step === 2) ask('pause');
        if (event.event === 'paused') setTimeout(abort, 10);
      },
    });
    await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await readRun(run)).toMatchObject({ state: 'stopped', last: { step: 2 } });
    expect(await readdir(run)).not.toContain('run.lock');
  });

  it.each([
    ['in training', {}],
    ['in an evaluation', { evaluateEvery: 1 }],
    ['right after a checkpoint', { saveEvery: 1 }],
  ])('stops at a loss that is no longer finite %s, and keeps the last good state', async (name, changes) => {
    const run = path.join(folder.folder, `diverged ${name}`);
    const events: TrainEvent[] = [];
    const config = storiesConfig(folder.data, { learningRate: 1e30, warmupSteps: 3, clipNorm: 0, ...changes });
    await expect(start(config, run, { events })).rejects.toMatchObject({
      code: 'NON_FINITE',
      message: expect.stringMatching(/lower learning rate/) as unknown,
    });
    const record = await readRun(run);
    expect(record).toMatchObject({ state: 'failed', error: { code: 'NON_FINITE' } });
    // The rate of the first step is 0; the second spoils the parameters, which the third finds out.
    expect(record.last?.step).toBe(name === 'in training' ? 0 : 1);
    const adapter = await readAdapterFile(
      path.join(checkpointFolder(run, record.last?.step ?? -1), 'adapter.safetensors'),
    );
    for (const { data } of adapter.tensors.values()) expect(Math.max(...data.map(Math.abs))).toBeLessThan(10);
  });

  it('stops early when evaluations no longer get better', async () => {
    const events: TrainEvent[] = [];
    const config = storiesConfig(folder.data, {
      steps: 60,
      evaluateEvery: 2,
      patience: 2,
      learningRate: 0.1,
      clipNorm: 0,
    });
    const record = await start(config, path.join(folder.folder, 'early'), { events });
    expect(record.state).toBe('done');
    expect(record.step).toBeLessThan(60);
    expect(record.step).toBe((record.best?.step ?? 0) + 4);
    expect(events.at(-1)).toMatchObject({ event: 'done', stoppedEarly: true });
  });

  it('refuses a folder that is not empty, and leaves no folder behind when the data are bad', async () => {
    await expect(start(storiesConfig(folder.data), folder.folder, { events: [] })).rejects.toMatchObject({
      code: 'TARGET_EXISTS',
    });
    const config = storiesConfig(path.join(folder.folder, 'missing.jsonl'));
    await expect(start(config, path.join(folder.folder, 'never'), { events: [] })).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
    });
    expect(await readdir(folder.folder)).not.toContain('never');
  });

  it('frees every tensor and keeps their number constant over the steps', async () => {
    const { kernels } = await openBackend();
    const before = kernels.live;
    const alive: number[] = [];
    await start(storiesConfig(folder.data, { steps: 60, batchSize: 2 }), path.join(folder.folder, 'leaks'), {
      events: [],
      onEvent: (event) => {
        if (event.event === 'step') alive.push(kernels.live);
      },
    });
    expect(kernels.live).toBe(before);
    expect(new Set(alive.slice(1)).size).toBe(1);
    const cancelled = start(storiesConfig(folder.data), path.join(folder.folder, 'cancelled in a step'), {
      events: [],
      onEvent: (event, abort) => {
        if (event.event === 'step' && event.step === 3) setTimeout(abort, 3);
      },
    });
    await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(kernels.live).toBe(before);
  });
});
