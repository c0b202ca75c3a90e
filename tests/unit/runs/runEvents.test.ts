import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TrainEvent } from '../../../src-main/contract/training.ts';
import { readEvents, RunEventLog } from '../../../src-main/runs/runEvents.ts';

let run: string;
beforeEach(async () => {
  run = await mkdtemp(path.join(os.tmpdir(), 'sara-events-'));
});
afterEach(async () => {
  await rm(run, { recursive: true, force: true });
});

function step(number: number): TrainEvent {
  return {
    event: 'step',
    step: number,
    loss: 1 / number,
    lr: 1e-3,
    gradNorm: 1,
    tokensPerSecond: 10,
    rssBytes: 1,
    tokens: 1,
    elapsedSeconds: number,
    etaSeconds: 1,
  };
}

async function append(events: readonly TrainEvent[], keepThrough = 0): Promise<void> {
  const log = await RunEventLog.open(run, keepThrough);
  for (const event of events) await log.append(event);
  await log.close();
}

function steps(events: readonly TrainEvent[]): number[] {
  return events.flatMap((event) => (event.event === 'step' ? [event.step] : []));
}

describe('metrics.jsonl', () => {
  it('gives back the events in order, without the passing ones', async () => {
    await append([{ event: 'phase', phase: 'training' }, step(1), { event: 'eval', step: 1, loss: 2, best: true }]);
    expect((await readEvents(run, 100)).map((event) => event.event)).toEqual(['step', 'eval']);
  });

  it('drops events past the checkpoint and the end of the earlier attempt on resume', async () => {
    const done: TrainEvent = {
      event: 'done',
      run,
      trainable: 1,
      bestStep: 3,
      bestLoss: 1,
      steps: 4,
      stoppedEarly: false,
    };
    await append([step(1), step(2), { event: 'checkpoint', step: 2, path: 'p' }, step(3), step(4), done]);
    await append([step(3)], 2);
    const events = await readEvents(run, 100);
    expect(events.map((event) => event.event)).toEqual(['step', 'step', 'checkpoint', 'step']);
    expect(steps(events)).toEqual([1, 2, 3]);
  });

  it('survives a line torn by a crash: readers skip it, a resumed run cuts it off', async () => {
    await append([step(1), step(2)]);
    await appendFile(path.join(run, 'metrics.jsonl'), '{"event":"step","step":3,"lo');
    expect(steps(await readEvents(run, 100))).toEqual([1, 2]);
    await append([step(3)], 2);
    expect(steps(await readEvents(run, 100))).toEqual([1, 2, 3]);
    expect(await readFile(path.join(run, 'metrics.jsonl'), 'utf8')).not.toContain('"lo{');
  });

  it('thins long runs evenly and keeps the first and last step', async () => {
    await append(Array.from({ length: 1000 }, (_, i) => step(i + 1)));
    const kept = steps(await readEvents(run, 100));
    expect(kept.length).toBeLessThanOrEqual(100);
    expect(kept.length).toBeGreaterThan(40);
    expect(kept[0]).toBe(1);
    expect(kept.at(-1)).toBe(1000);
    const gaps = kept.slice(1, -1).map((value, i) => value - (kept[i] ?? 0));
    expect(new Set(gaps).size).toBe(1);
  });

  it('reads a run without a log as having no events', async () => {
    expect(await readEvents(path.join(run, 'none'), 10)).toEqual([]);
  });

  it('keeps a log of many pieces whole when it is opened again', async () => {
    await append(Array.from({ length: 2000 }, (_, i) => step(i + 1)));
    const before = await readFile(path.join(run, 'metrics.jsonl'), 'utf8');
    await append([], 2000);
    expect(await readFile(path.join(run, 'metrics.jsonl'), 'utf8')).toBe(before);
    expect(before.length).toBeGreaterThan(200_000);
  });

  it('passes over a line that is too long and thins what a log has too much of', async () => {
    await append([step(1)]);
    const file = path.join(run, 'metrics.jsonl');
    await appendFile(file, `{"event":"note","step":1,"text":"${'a'.repeat(17 * 2 ** 20)}"}\n`);
    const evaluation = (number: number): string => `{"event":"eval","step":${String(number)},"loss":1,"best":false}\n`;
    await appendFile(file, Array.from({ length: 30_000 }, (_, i) => evaluation(i + 1)).join(''));
    const events = await readEvents(run, 100);
    expect(steps(events)).toEqual([1]);
    const evaluations = events.flatMap((event) => (event.event === 'eval' ? [event.step] : []));
    expect(evaluations.length).toBeLessThanOrEqual(10_000);
    expect(evaluations.at(-1)).toBe(30_000);
    expect(events.some((event) => event.event === 'note')).toBe(false);
  });
});
