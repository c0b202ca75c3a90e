import { describe, expect, it } from 'vitest';
import type { JobSummary } from '../../../src-main/contract/jobs.ts';
import type { QueuedTraining, QueueFile } from '../../../src-main/contract/queue.schema.ts';
import { queueFileSchema } from '../../../src-main/contract/queue.schema.ts';
import { trainConfigSchema } from '../../../src-main/contract/requests.schema.ts';
import { overallProgress } from '../../../src-main/jobs/overallProgress.ts';
import { RunQueue, type RunFate } from '../../../src-main/jobs/runQueue.ts';

function training(seed: number): QueuedTraining {
  const config = trainConfigSchema.parse({
    model: '/m/llama',
    data: { path: '/d/pairs.jsonl' },
    method: { name: 'sara' },
    seed,
  });
  return { kind: 'train.run', input: { config } };
}

function seedOf(request: QueuedTraining): number | string {
  return request.kind === 'train.run' ? request.input.config.seed : `resume ${request.input.run}`;
}

/** A queue whose jobs the test ends, over a file that outlives it. */
async function setUp(file: { value: QueueFile } = { value: { version: 1, waiting: [] } }, fate: RunFate = 'resume') {
  const started: QueuedTraining[] = [];
  const computing = { other: false, job: false };
  let next = 0;
  const queue = await RunQueue.open({
    store: {
      get value() {
        return file.value;
      },
      set: async (value) => {
        // As it would come back from the disk.
        file.value = queueFileSchema.parse(JSON.parse(JSON.stringify(value)));
        return Promise.resolve();
      },
    },
    start: (request) => {
      started.push(request);
      computing.job = true;
      return `job-${started.length}`;
    },
    isIdle: () => !computing.other && !computing.job,
    fate: async () => Promise.resolve(fate),
    newId: () => `entry-${++next}-${Math.round(file.value.waiting.length)}`,
    now: () => new Date('2026-03-01T10:00:00Z'),
    onChange: () => undefined,
    warn: (message) => {
      throw new Error(message);
    },
  });
  const tell = async (change: Partial<JobSummary>): Promise<void> => {
    if (change.state !== 'running') computing.job = false;
    queue.follow({
      ...{ id: `job-${started.length}`, kind: 'train.run', about: { subject: '' }, state: 'running', startedAt: 0 },
      ...change,
    });
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { queue, started, computing, file, tell, order: () => started.map(seedOf) };
}

describe('RunQueue', () => {
  it('trains one after the other, in the order that was made of them', async () => {
    const { queue, tell, order } = await setUp();
    const [, second, third] = [1, 2, 3, 4].map((seed) => queue.add(training(seed)));
    if (second === undefined || third === undefined) throw new Error('not added');
    expect(order()).toEqual([1]);
    expect(queue.move(third, 0)).toBe(true);
    expect(queue.remove(second)).toBe(true);
    for (let i = 0; i < 3; i++) await tell({ state: 'done' });
    expect(order()).toEqual([1, 3, 4]);
    expect(queue.state).toMatchObject({ waiting: [], finished: 0 });
  });

  // Would catch: two trainings at once, or one that is queued behind itself in the engine.
  it('waits while anything else computes, and starts when that ends', async () => {
    const { queue, computing, tell, order } = await setUp();
    computing.other = true;
    queue.add(training(1));
    expect(order()).toEqual([]);
    computing.other = false;
    await tell({ id: 'a chat', kind: 'generate.run', state: 'done' });
    expect(order()).toEqual([1]);
  });

  it('goes on after a training that failed or was cancelled, but not where every further one would fail', async () => {
    const { queue, tell, order } = await setUp();
    for (const seed of [1, 2, 3, 4]) queue.add(training(seed));
    await tell({ state: 'failed', error: { code: 'NON_FINITE', message: 'The loss became infinite.' } });
    await tell({ state: 'cancelled' });
    expect(order()).toEqual([1, 2, 3]);
    await tell({ state: 'failed', error: { code: 'DISK_FULL', message: 'There is no space left.' } });
    expect(order()).toEqual([1, 2, 3]);
    expect(queue.state).toMatchObject({ held: true, heldBecause: { code: 'DISK_FULL' } });
    queue.hold(false);
    expect(order()).toEqual([1, 2, 3, 4]);
  });

  it('tells how each training ended, with its run folder', async () => {
    const { queue, tell } = await setUp();
    const [first, second] = [queue.add(training(1)), queue.add(training(2), { id: 'sweep', name: 'Sweep' })];
    const outcomes = Promise.all([queue.outcome(first), queue.outcome(second)]);
    await tell({ state: 'running', run: '/runs/1' });
    expect(queue.removeGroup('sweep')).toBe(1);
    await tell({ state: 'done' });
    expect(await outcomes).toEqual([{ state: 'done', run: '/runs/1' }, { state: 'removed' }]);
  });

  it('comes back after a restart in its order, held, with the training that was cut off first', async () => {
    const before = await setUp();
    for (const seed of [1, 2, 3]) before.queue.add(training(seed));
    await before.tell({ state: 'running', run: '/runs/1' });
    before.queue.suspend();
    // Closing the app ends the job; nothing may start in its place.
    await before.tell({ state: 'done' });
    expect(before.order()).toEqual([1]);

    const after = await setUp(before.file);
    expect(after.queue.state).toMatchObject({ held: true, heldBecause: 'restart' });
    expect(after.order()).toEqual([]);
    after.queue.hold(false);
    for (let i = 0; i < 3; i++) await after.tell({ state: 'done' });
    expect(after.order()).toEqual(['resume /runs/1', 2, 3]);
    expect(after.file.value).toEqual({ version: 1, waiting: [] });
  });

  it.each([
    ['anew', [1, 2]],
    ['over', [2]],
  ] as const)('a cut-off training of which nothing can go on is %s', async (fate, expected) => {
    const before = await setUp();
    for (const seed of [1, 2]) before.queue.add(training(seed));
    await before.tell({ state: 'running', run: '/runs/1' });
    before.queue.suspend();
    const after = await setUp(before.file, fate);
    expect(after.queue.state.waiting.map(({ request }) => seedOf(request))).toEqual(expected);
  });
});

describe('overallProgress', () => {
  const job: JobSummary = {
    ...{ id: 'job-1', kind: 'train.run', about: { subject: '' }, state: 'running', startedAt: 0 },
    ...{ phase: 'training', fraction: 0.5 },
  };

  it('counts a training among all of the queue, and another job by itself', async () => {
    const { queue, tell } = await setUp();
    for (const seed of [1, 2, 3, 4]) queue.add(training(seed));
    await tell({ state: 'done' });
    expect(overallProgress([{ ...job, id: 'job-2' }], queue.state)?.fraction).toBe(1.5 / 4);
    expect(overallProgress([{ ...job, id: 'other', kind: 'export.run' }], queue.state)?.fraction).toBe(0.5);
    expect(overallProgress([{ ...job, state: 'done' }], queue.state)).toBeUndefined();
  });
});
