/** What a person meets when something is wrong: broken files, a reloaded or closed window, an engine that dies. */
import type { Page } from '@playwright/test';
import { goldenPath } from '../support/goldenPath.ts';
import { expect, test, type LaunchedApp } from './support/app.ts';
import { answerOpenDialogs } from './support/dialogs.ts';
import { callRoute } from './support/routes.ts';
import { fact, goToStep, openStories, tableOf, trainingEnds, trainStories } from './support/wizard.ts';

async function stepReached(window: Page): Promise<number> {
  return Number.parseInt(await fact(window, 'Step').innerText(), 10);
}

/** Steps of the curve in the order shown. */
async function stepsOfCurve(window: Page): Promise<number[]> {
  const rows = await tableOf(window, 'Loss');
  return rows.filter((row) => row['training'] !== '').map((row) => Number(row['step']));
}

/** The process that computes, as Electron itself lists it. */
async function computeProcess({ electron }: LaunchedApp): Promise<number> {
  const pid = await electron.evaluate(
    ({ app }) =>
      app.getAppMetrics().find(({ name }) => name?.startsWith('SARA engine') === true && name.includes('compute'))?.pid,
  );
  if (pid === undefined) throw new Error('No process computes.');
  return pid;
}

/** Kills the process that computes, as soon as there is one. @returns whether there was one */
async function killComputing(app: LaunchedApp): Promise<boolean> {
  try {
    process.kill(await computeProcess(app), 'SIGKILL');
    return true;
  } catch {
    return false;
  }
}

async function closeWindow({ electron }: LaunchedApp): Promise<void> {
  await electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
}

test('broken data files are refused with the row or the file at fault, and a sound one works after them', async ({
  app: { window, electron },
}) => {
  await openStories(window);
  await goToStep(window, 'Data');
  const open = async (file: string): Promise<void> => {
    await answerOpenDialogs(electron, goldenPath('corrupt', 'data', file));
    await window.getByRole('button', { name: 'Open another file…' }).first().click();
  };
  await open('mixed-types.jsonl');
  await expect(window.getByRole('heading', { name: '4 rows cannot be used' })).toBeVisible();
  await window.getByRole('button', { name: 'Show them' }).click();
  await expect(window.getByRole('row', { name: /^1 .*completion/ })).toBeVisible();
  await open('invalid-utf8.jsonl');
  await window.getByRole('button', { name: 'Show them' }).click();
  await expect(window.getByRole('row', { name: /^2 .*UTF-8/ })).toBeVisible();
  await open('blank-only.jsonl');
  await expect(window.getByRole('main')).toContainText('blank-only.jsonl');
  await expect(window.getByRole('button', { name: 'Continue to ranks' })).toHaveAttribute('aria-disabled', 'true');
  await open('sound.jsonl');
  await expect(window.getByText(/^3 rows · JSONL/)).toBeVisible();
  await expect(window.getByRole('button', { name: 'Continue to ranks' })).not.toHaveAttribute('aria-disabled');
});

test('broken model folders are refused with what is wrong and what to do, and a sound one opens after them', async ({
  app,
}) => {
  const { window, electron } = app;
  const broken = {
    'truncated-data': ['SAFETENSORS_INVALID', 'model.safetensors'],
    'config-unknown-family': ['', 'starfish'],
    'index-path-traversal': ['', 'model.safetensors'],
    'more-layers-than-tensors': ['TENSOR_MISSING', 'model.layers.1.'],
  };
  const openAnother = window.getByRole('button', { name: 'Open folder…' }).first();
  await openStories(window);
  for (const [folder, [code = '', named = '']] of Object.entries(broken)) {
    await answerOpenDialogs(electron, goldenPath('corrupt', 'models', folder));
    await openAnother.click();
    await expect(window.getByRole('main')).toContainText(named);
    if (code !== '') {
      const notice = window.getByRole('alert');
      await expect(notice).toContainText(code);
      await expect(notice).toContainText('What to do');
      await expect(window.getByRole('button', { name: 'Continue to data' })).toHaveAttribute('aria-disabled', 'true');
    }
  }
  await app.screenshot('model-broken');
  await answerOpenDialogs(electron, goldenPath('corrupt', 'models', 'sound'));
  await openAnother.click();
  await expect(window.getByText('Can be trained and merged')).toBeVisible();
  await expect(window.getByRole('alert')).toHaveCount(0);
});

test('a training survives a reload of the window with its whole curve; closing asks and can stop and keep', async ({
  app,
  launch,
}) => {
  const { window, electron } = app;
  await trainStories(window, 20_000, 10);
  await expect.poll(async () => stepReached(window), { timeout: 30_000 }).toBeGreaterThan(10);
  await window.reload();
  await window.getByRole('button', { name: /^Open the running task/ }).click();
  await expect.poll(async () => stepReached(window), { timeout: 30_000 }).toBeGreaterThan(12);
  const curve = await stepsOfCurve(window);
  expect(curve).toEqual(curve.map((_, i) => i + 1));

  await closeWindow(app);
  const question = window.getByRole('dialog', { name: 'A task is still running' });
  await expect(question).toBeVisible();
  await app.screenshot('close-question');
  await question.getByRole('button', { name: 'Keep running' }).click();
  await expect(question).toBeHidden();
  const before = await stepReached(window);
  await expect.poll(async () => stepReached(window), { timeout: 30_000 }).toBeGreaterThan(before);

  await closeWindow(app);
  const gone = new Promise<number | null>((resolve) => electron.process().once('exit', resolve));
  await question.getByRole('button', { name: 'Stop, keep and close' }).click();
  void app.close();
  expect(await gone).toBe(0);
  const second = await launch();
  const { runs } = await callRoute(second.window, 'workspace.home', {});
  expect(runs).toHaveLength(1);
  expect(runs[0]?.record.last?.step).toBe(runs[0]?.record.step);
});

test('an engine killed while training is explained, and resuming goes on from the last checkpoint', async ({ app }) => {
  const { window } = app;
  await trainStories(window, 60, 20);
  await expect(
    window
      .getByRole('listitem')
      .filter({ hasText: /^Step \d+: saved$/ })
      .first(),
  ).toBeVisible({ timeout: 30_000 });
  process.kill(await computeProcess(app), 'SIGKILL');
  const notice = window.getByRole('alert');
  await expect(notice).toContainText('The training ended early');
  await expect(notice).toContainText('ENGINE_STOPPED');
  await expect(notice).toContainText('The last checkpoint is kept');
  await app.screenshot('train-engine-killed');
  // Killed again before it has told anything: the reason is shown with the run as it was.
  await window.getByRole('button', { name: 'Resume', exact: true }).click();
  await expect(notice).toBeHidden();
  await expect.poll(async () => killComputing(app)).toBe(true);
  await expect(notice).toContainText('ENGINE_STOPPED');
  await expect(fact(window, 'Step')).toHaveText(/^\d+ of 60$/);
  await window.getByRole('button', { name: 'Resume', exact: true }).click();
  await expect(window.getByText(/^Taken up again at step \d+$/)).toBeVisible({ timeout: 60_000 });
  await expect(notice).toBeHidden();
  await trainingEnds(window);
  await expect(fact(window, 'Step')).toHaveText('60 of 60');
  const { runs } = await callRoute(window, 'workspace.home', {});
  expect(runs.map(({ record }) => [record.state, record.step])).toEqual([['done', 60]]);
  // Steps that were done before the end and again after it stand once in the run.
  await window.getByRole('button', { name: 'Runs', exact: true }).click();
  await window
    .getByRole('button', { name: /^Open / })
    .first()
    .click();
  const curve = await stepsOfCurve(window);
  expect(curve).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
});
