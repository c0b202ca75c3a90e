import { cpSync, rmSync } from 'node:fs';
import { appendFile, truncate } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrainConfigInput } from '../../../src-main/contract/requests.schema.ts';
import type { TrainEvent } from '../../../src-main/contract/training.ts';
import { readEvents } from '../../../src-main/runs/runEvents.ts';
import { readRun } from '../../../src-main/runs/runFolder.ts';
import { checkpointFile, evalLosses, makeDataFolder, resume, start, stepLosses, storiesConfig } from './storiesRun.ts';

let folder: Awaited<ReturnType<typeof makeDataFolder>>;
beforeAll(async () => {
  folder = await makeDataFolder();
});
afterAll(() => folder.remove());

const variants: readonly [string, Partial<TrainConfigInput>][] = [
  ['SARA, schedule with warm-up', { warmupSteps: 3, schedule: 'cosine' }],
  ['accumulation', { accumulation: 3, batchSize: 2 }],
  ['dropout', { method: { name: 'sara', threshold: 0.1, dropout: 0.2 } }],
  ['LoRA with dropout and recomputation', { method: { name: 'lora', dropout: 0.1 }, activationCheckpointing: true }],
  ['Mo-SARA with dropout', { method: { name: 'mosara', sets: 3, threshold: 0.3, dropout: 0.1 } }],
  ['DoRA with dropout', { method: { name: 'dora', rank: 3, dropout: 0.1 } }],
  // Going on before, and ending after, the ranks are settled.
  ['AdaLoRA', { method: { name: 'adalora', initialRank: 6, targetRank: 2, tinit: 2, tfinal: 3 } }],
  ['full fine-tuning', { method: { name: 'full' }, learningRate: 1e-3 }],
  ['packing', { packing: true, sequenceLength: 64, batchSize: 1 }],
];

function rankEvents(events: readonly TrainEvent[]): readonly TrainEvent[] {
  return events.filter(({ event }) => event === 'ranks');
}

describe('a resumed run', () => {
  it.each(variants)('equals an uninterrupted one bit for bit: %s', async (name, changes) => {
    const config = storiesConfig(folder.data, { saveEvery: 5, evaluateEvery: 4, ...changes });
    const whole = path.join(folder.folder, `whole ${name}`);
    const wholeEvents: TrainEvent[] = [];
    await start(config, whole, { events: wholeEvents });

    const broken = path.join(folder.folder, `broken ${name}`);
    // Aborted in step 7, two steps past the checkpoint of step 5: those steps are done again.
    const aborted = start(config, broken, {
      events: [],
      onEvent: (event, abort) => {
        if (event.event === 'step' && event.step === 7) abort();
      },
    });
    await expect(aborted).rejects.toMatchObject({ code: 'CANCELLED' });
    expect((await readRun(broken)).state).toBe('stopped');
    const resumedEvents: TrainEvent[] = [];
    const record = await resume(broken, { events: resumedEvents });

    expect(record).toMatchObject({ state: 'done', step: 12 });
    const losses = stepLosses(wholeEvents);
    expect(stepLosses(resumedEvents)).toEqual(new Map([...losses].filter(([step]) => step > 5)));
    expect(evalLosses(resumedEvents)).toEqual(evalLosses(wholeEvents).filter(([step]) => step > 5));
    const kept = await readEvents(broken, 100);
    expect(stepLosses(kept)).toEqual(losses);
    // What a step starts is kept with it; counting from the beginning of the process would grow from step to step.
    const starts = kept.flatMap((event) => (event.event === 'step' ? [event.kernelStarts ?? NaN] : []));
    expect(Math.min(...starts)).toBeGreaterThan(0);
    expect(Math.max(...starts)).toBeLessThan(5_000);
    expect(rankEvents(kept)).toEqual(rankEvents(wholeEvents));
    for (const file of ['adapter.safetensors', 'optimizer.safetensors']) {
      expect((await checkpointFile(broken, 12, file)).equals(await checkpointFile(whole, 12, file)), file).toBe(true);
    }
  });

  it('goes on from what a killed process left on the disk', async () => {
    const config = storiesConfig(folder.data, { saveEvery: 5 });
    const whole = path.join(folder.folder, 'living');
    const killed = path.join(folder.folder, 'killed');
    const events: TrainEvent[] = [];
    await start(config, whole, {
      events,
      onEvent: (event) => {
        // The folder as it is in the middle of the run, which is all that a killed process leaves.
        if (event.event === 'step' && event.step === 8) cpSync(whole, killed, { recursive: true });
      },
    });
    rmSync(path.join(killed, 'run.lock'));
    await appendFile(path.join(killed, 'metrics.jsonl'), '{"event":"step","step":8,"lo');
    expect((await readRun(killed)).state).toBe('running');
    await resume(killed, { events: [] });
    expect(stepLosses(await readEvents(killed, 100))).toEqual(stepLosses(events));
    for (const file of ['adapter.safetensors', 'optimizer.safetensors']) {
      expect((await checkpointFile(killed, 12, file)).equals(await checkpointFile(whole, 12, file)), file).toBe(true);
    }
  });

  it('that was killed before its first checkpoint begins again, with the same losses and no event told twice', async () => {
    const config = storiesConfig(folder.data, { steps: 4, evaluateEvery: 2 });
    const whole = path.join(folder.folder, 'from the start');
    const killed = path.join(folder.folder, 'killed at once');
    const events: TrainEvent[] = [];
    await start(config, whole, {
      events,
      onEvent: (event) => {
        if (event.event === 'eval' && event.step === 0) cpSync(whole, killed, { recursive: true });
      },
    });
    rmSync(path.join(killed, 'run.lock'));
    expect(await readRun(killed)).toMatchObject({ state: 'running', last: null });
    const record = await resume(killed, { events: [] });
    expect(record.state).toBe('done');
    const stored = await readEvents(killed, 100);
    expect(stepLosses(stored)).toEqual(stepLosses(events));
    expect(evalLosses(stored)).toEqual(evalLosses(events));
    expect(stored).toContainEqual(
      expect.objectContaining({ event: 'note', text: expect.stringContaining('begins again') as unknown }),
    );
    for (const file of ['adapter.safetensors', 'optimizer.safetensors']) {
      expect((await checkpointFile(killed, 4, file)).equals(await checkpointFile(whole, 4, file)), file).toBe(true);
    }
  });

  it('that was killed right after its first checkpoint tells the base model’s loss once', async () => {
    // Bug, found by `npm run torture`: the base was measured again, and the log held its loss twice.
    const whole = path.join(folder.folder, 'measured');
    const killed = path.join(folder.folder, 'killed after step 0');
    const events: TrainEvent[] = [];
    await start(storiesConfig(folder.data, { steps: 3 }), whole, {
      events,
      onEvent: (event) => {
        if (event.event === 'checkpoint' && event.step === 0) cpSync(whole, killed, { recursive: true });
      },
    });
    rmSync(path.join(killed, 'run.lock'));
    await resume(killed, { events: [] });
    expect(evalLosses(await readEvents(killed, 100))).toEqual(evalLosses(events));
  });

  it.each([
    ['its last checkpoint', { steps: 4 }],
    // Bug: the resumed run takes one more step, since patience was only looked at after a step.
    [
      'the evaluation that ended it early',
      { steps: 60, evaluateEvery: 2, patience: 2, learningRate: 0.1, clipNorm: 0 },
    ],
  ])('that was killed right after %s is only finished', async (name, changes) => {
    const whole = path.join(folder.folder, `to the end: ${name}`);
    const killed = path.join(folder.folder, `killed at the end: ${name}`);
    const events: TrainEvent[] = [];
    const record = await start(storiesConfig(folder.data, changes), whole, {
      events,
      onEvent: (event) => {
        if (event.event !== 'checkpoint') return;
        rmSync(killed, { recursive: true, force: true });
        cpSync(whole, killed, { recursive: true });
      },
    });
    rmSync(path.join(killed, 'run.lock'));
    expect(await resume(killed, { events: [] })).toMatchObject({ state: 'done', step: record.step, best: record.best });
    expect(stepLosses(await readEvents(killed, 100))).toEqual(stepLosses(events));
  });

  it('goes on from the previous checkpoint when the newest is damaged, and says so', async () => {
    const config = storiesConfig(folder.data, { saveEvery: 3, steps: 9 });
    const run = path.join(folder.folder, 'damaged');
    const events: TrainEvent[] = [];
    await start(config, run, {
      events,
      onEvent: (event, _abort, ask) => {
        if (event.event === 'step' && event.step === 7) ask('stop');
      },
    });
    await truncate(path.join(run, 'checkpoints', 'step-000007', 'adapter.safetensors'), 100);
    const resumed: TrainEvent[] = [];
    await resume(run, { events: resumed });
    const note = resumed.find((event) => event.event === 'note');
    expect(note).toMatchObject({ step: 6, text: expect.stringMatching(/step-000007.*from step 6/) as unknown });
    expect([...stepLosses(resumed).keys()]).toEqual([7, 8, 9]);
    expect(stepLosses(resumed).get(7)).toBe(stepLosses(events).get(7));
  });

  it('is refused when the data have changed, since its losses would not be comparable', async () => {
    const other = await makeDataFolder();
    try {
      const run = path.join(folder.folder, 'changed');
      await start(storiesConfig(other.data, { steps: 4 }), run, {
        events: [],
        onEvent: (event, _abort, ask) => {
          if (event.event === 'step' && event.step === 2) ask('stop');
        },
      });
      await truncate(other.data, 900);
      await expect(resume(run, { events: [] })).rejects.toMatchObject({
        code: expect.stringMatching(/RUN_INVALID|DATA_INVALID/) as unknown,
      });
    } finally {
      await other.remove();
    }
  });
});
