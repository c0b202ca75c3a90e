/** What must hold when processes die, hang or are closed: the real app in Electron, the real engine, a real training. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type { JobSnapshot } from '../../src-main/contract/jobs.ts';
import { isProcessAlive } from '../../src-main/util/processAlive.ts';
import { expect, test, type LaunchedApp } from './support/app.ts';
import { callRoute } from './support/routes.ts';

/** Starts a training of the story model that takes minutes, and waits for its first steps. */
async function startTraining(page: Page, steps = 100_000): Promise<string> {
  const { model, data, config } = await callRoute(page, 'project.openSample', { id: 'stories' });
  if (model === undefined || data === undefined || config?.method === undefined)
    throw new Error('The sample is empty.');
  const input = { config: { ...config, model, data, method: config.method, steps, evaluateEvery: 0 } };
  const { jobId } = await callRoute(page, 'jobs.start', { kind: 'train.run', input });
  await expect.poll(async () => stepsOf(await snapshot(page, jobId)), { timeout: 60_000 }).toBeGreaterThan(2);
  return jobId;
}

async function snapshot(page: Page, jobId: string): Promise<JobSnapshot> {
  return callRoute(page, 'jobs.snapshot', { jobId });
}

function stepsOf({ events }: JobSnapshot): number {
  return events.filter(({ event }) => 'event' in event && event.event === 'step').length;
}

async function stateOf(page: Page, jobId: string): Promise<string> {
  return (await snapshot(page, jobId)).job.state;
}

/** The engine's processes by lane, as Electron itself counts them. */
async function engineProcesses({ electron }: LaunchedApp): Promise<Record<string, number>> {
  return electron.evaluate(({ app }) =>
    Object.fromEntries(
      app
        .getAppMetrics()
        .filter(({ name }) => name?.startsWith('SARA engine') === true)
        .map(({ name, pid }) => [name?.includes('compute') === true ? 'compute' : 'light', pid]),
    ),
  );
}

test('a killed engine fails its job with ENGINE_STOPPED; the window lives on and the next job works', async ({
  app,
}) => {
  const jobId = await startTraining(app.window);
  const { compute } = await engineProcesses(app);
  if (compute === undefined) throw new Error('There is no compute process.');
  process.kill(compute, 'SIGKILL');
  await expect.poll(async () => stateOf(app.window, jobId)).toBe('failed');
  const { job } = await snapshot(app.window, jobId);
  expect(job.error).toMatchObject({ code: 'ENGINE_STOPPED', message: expect.stringContaining('exit code') });
  // What the run had reached is still there, and nobody holds it.
  const { runs } = await callRoute(app.window, 'workspace.home', {});
  expect(runs.map(({ record }) => record.state)).toEqual(['stopped']);
  await expect(app.window.getByRole('main')).toBeVisible();
  const next = await startTraining(app.window, 6);
  await expect.poll(async () => stateOf(app.window, next), { timeout: 60_000 }).toBe('done');
});

test('a cancelled training ends and gives the engine free for the next job', async ({ app }) => {
  const jobId = await startTraining(app.window);
  await callRoute(app.window, 'jobs.control', { jobId, action: 'cancel' });
  await expect.poll(async () => stateOf(app.window, jobId)).toBe('cancelled');
  const next = await startTraining(app.window, 6);
  await expect.poll(async () => stateOf(app.window, next), { timeout: 60_000 }).toBe('done');
});

test('a training goes on while the window is loaded again, and the window catches up without a gap', async ({
  app,
}) => {
  const jobId = await startTraining(app.window);
  const before = await snapshot(app.window, jobId);
  await app.window.reload();
  await expect(app.window.getByRole('main')).toBeVisible();
  const jobs = await callRoute(app.window, 'jobs.list', {});
  expect(jobs.find(({ id }) => id === jobId)).toMatchObject({ state: 'running' });
  const lastSeq = before.events.at(-1)?.seq ?? 0;
  await expect
    .poll(async () => (await callRoute(app.window, 'jobs.snapshot', { jobId, afterSeq: lastSeq })).events.length)
    .toBeGreaterThan(0);
  const { events } = await snapshot(app.window, jobId);
  const steps = events.flatMap(({ event }) => ('event' in event && event.event === 'step' ? [event.step] : []));
  expect(steps).toEqual(steps.map((_, index) => index + 1));
  await callRoute(app.window, 'jobs.control', { jobId, action: 'cancel' });
  await expect.poll(async () => stateOf(app.window, jobId)).toBe('cancelled');
});

test('closing asks while a training runs; keeping it saves a checkpoint, and no process is left', async ({ app }) => {
  const jobId = await startTraining(app.window);
  const { model = '' } = await callRoute(app.window, 'project.get', {});
  await callRoute(app.window, 'model.inspect', { model });
  const engines = Object.values(await engineProcesses(app));
  expect(engines).toHaveLength(2);
  const asked = app.window.evaluate(
    async () => new Promise((resolve) => window.bridge?.subscribe('close.requested', resolve)),
  );
  // The subscription is made before the window is asked to close.
  await app.window.evaluate(() => undefined);
  await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
  expect(await asked).toMatchObject({ runningJobs: [{ id: jobId }] });
  const { run } = (await snapshot(app.window, jobId)).job;
  if (run === undefined) throw new Error('The job does not know its run.');
  const gone = new Promise<number | null>((resolve) => app.electron.process().once('exit', resolve));
  await callRoute(app.window, 'window.close', { decision: 'stop-and-keep' }).catch(() => undefined);
  void app.close();
  expect(await gone).toBe(0);
  await expect.poll(() => engines.filter(isProcessAlive)).toEqual([]);
});

test('settings, project and the run that was kept are there after a restart', async ({ launch }) => {
  const first = await launch();
  await callRoute(first.window, 'settings.update', { theme: 'dark' });
  const jobId = await startTraining(first.window);
  await callRoute(first.window, 'jobs.control', { jobId, action: 'stop' });
  await expect.poll(async () => stateOf(first.window, jobId), { timeout: 30_000 }).toBe('done');
  await first.close();
  const second = await launch();
  expect(await callRoute(second.window, 'settings.get', {})).toMatchObject({ theme: 'dark' });
  expect(await callRoute(second.window, 'project.get', {})).toMatchObject({ name: 'Stories' });
  const { runs } = await callRoute(second.window, 'workspace.home', {});
  expect(runs).toHaveLength(1);
  const opened = await callRoute(second.window, 'run.open', { run: runs[0]?.path ?? '' });
  expect(opened.record.last).not.toBeNull();
});

test('a path that nobody chose is refused, also to the real engine', async ({ app }) => {
  await expect(callRoute(app.window, 'data.inspect', { path: '/etc/passwd' })).rejects.toThrow('FORBIDDEN');
});

test('a file dropped on the window may be read from then on', async ({ app, places }) => {
  // Beside the folders of the app, where nothing is granted by itself.
  const file = join(places.home, '..', 'dropped.jsonl');
  writeFileSync(file, '{"prompt":"a","completion":"b"}\n');
  await app.window.evaluate(() => {
    const input = document.body.appendChild(document.createElement('input'));
    input.type = 'file';
    input.id = 'drop';
  });
  await app.window.locator('#drop').setInputFiles(file);
  const path = await app.window.evaluate(async () => {
    const input = document.querySelector<HTMLInputElement>('#drop');
    const chosen = input?.files?.[0];
    return chosen === undefined ? '' : await window.bridge?.pathOfDroppedFile(chosen);
  });
  expect(path).toBe(file);
  expect(await callRoute(app.window, 'data.inspect', { path: file })).toMatchObject({ rows: 1 });
});
