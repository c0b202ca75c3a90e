import { expect, test } from 'vitest';
import { createClient } from '../../../../src-renderer/bridge/client.ts';
import { isOpen, JobsState } from '../../../../src-renderer/state/jobs.svelte.ts';
import { createFakeBridge } from '../../../renderer/fakeBridge.ts';

function jobsOver(pace = 1) {
  const bridge = createFakeBridge({ scene: 'data', pace });
  return { bridge, jobs: new JobsState(createClient(bridge)) };
}

test('a job is seen from its start to its result', async () => {
  const { jobs } = jobsOver();
  await jobs.begin();
  const finished: string[] = [];
  jobs.onfinished = (job) => finished.push(`${job.id} ${job.state}`);
  const id = await jobs.start('export.run', { run: '/runs/a', out: '/out' });
  const phases = new Set<string>();
  jobs.follow<'export.run'>(id, ({ phase }) => phases.add(phase));
  expect((await jobs.finished<'export.run'>(id)).out).toBe('/out');
  expect([...phases]).toEqual(['Merging', 'Writing', 'Verifying']);
  expect(finished).toEqual([`${id} done`]);
  expect(jobs.open).toEqual([]);
});

test('a cancelled job rejects with CANCELLED and is no longer open', async () => {
  const { jobs } = jobsOver(1000);
  await jobs.begin();
  const id = await jobs.start('analysis.run', { model: '/m' });
  const result = jobs.finished(id).catch((error: unknown) => error);
  expect(await jobs.control(id, 'cancel')).toBe(true);
  expect(await result).toMatchObject({ code: 'CANCELLED' });
  expect(jobs.list.some(isOpen)).toBe(false);
});

// Would catch: a reload of the window that loses the running task or its result.
test('a second window takes over the jobs of the first, with events and results', async () => {
  const { bridge, jobs } = jobsOver();
  await jobs.begin();
  const id = await jobs.start('export.run', { run: '/runs/a', out: '/out' });
  await jobs.finished(id);
  const reloaded = new JobsState(createClient(bridge));
  await reloaded.begin();
  expect(reloaded.find(id)?.state).toBe('done');
  expect((await reloaded.finished<'export.run'>(id)).out).toBe('/out');
  let events = 0;
  reloaded.follow<'export.run'>(id, () => events++);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(events).toBe(24);
});

test('a refused start rejects and leaves no job behind', async () => {
  const error = { code: 'ENGINE_BUSY', message: 'Busy.' } as const;
  const jobs = new JobsState(createClient(createFakeBridge({ failing: { 'jobs.start': error } })));
  await jobs.begin();
  await expect(jobs.start('analysis.run', { model: '/m' })).rejects.toMatchObject(error);
  expect(jobs.list).toEqual([]);
});
