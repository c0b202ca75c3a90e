/** The drive that the runs lie on fills up or is taken away while the window trains. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test } from './support/app.ts';
import { callRoute } from './support/routes.ts';
import { fact, trainingEnds, trainStories } from './support/wizard.ts';

/** Mounted for all, since the app is started as always: only root may. */
const mayMount =
  process.platform === 'linux' && process.getuid?.() === 0 && spawnSync('mount', ['--version']).status === 0;

test.setTimeout(300_000);
test.skip(!mayMount, 'drives can be mounted by root alone');

const steps = 150;

/** Trains long enough to be disturbed, and waits for the first checkpoint after the start. */
async function trainUntilSaved(window: Page): Promise<void> {
  await trainStories(window, steps, 10);
  const saved = window.getByRole('listitem').filter({ hasText: /^Step [1-9]\d*: saved$/ });
  await expect(saved.first()).toBeVisible({ timeout: 60_000 });
}

/** Goes on with the run from the notice, to its end. */
async function resumeToEnd(window: Page): Promise<void> {
  await window.getByRole('button', { name: 'Resume', exact: true }).click();
  await expect(window.getByText(/^Taken up again at step \d+$/)).toBeVisible({ timeout: 60_000 });
  await trainingEnds(window, 180_000);
  await expect(fact(window, 'Step')).toHaveText(`${String(steps)} of ${String(steps)}`);
  const { runs } = await callRoute(window, 'workspace.home', {});
  expect(runs.map(({ record }) => [record.state, record.step])).toEqual([['done', steps]]);
}

test('a drive that others fill ends the training with what to do; with room it goes on to its end', async ({
  places,
  launch,
}) => {
  const drive = join(places.home, 'runs');
  mkdirSync(drive);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=32m', 'tmpfs', drive]);
  try {
    const app = await launch();
    await trainUntilSaved(app.window);
    const filler = join(drive, 'other');
    expect(() => writeFileSync(filler, Buffer.alloc(2 ** 26))).toThrow(/ENOSPC/);
    const notice = app.window.getByRole('alert');
    await expect(notice).toContainText('DISK_FULL', { timeout: 60_000 });
    await expect(notice).toContainText('no space left');
    await expect(notice).toContainText('The last checkpoint is kept');
    await app.screenshot('train-disk-full');
    rmSync(filler);
    await resumeToEnd(app.window);
    await app.close();
  } finally {
    execFileSync('umount', ['-l', drive]);
  }
});

test('a drive that is taken away ends the training; connected again, the run goes on to its end', async ({
  places,
  launch,
}) => {
  const drive = join(places.home, 'runs');
  const backing = join(places.home, 'backing');
  for (const folder of [drive, backing]) mkdirSync(folder);
  const connect = (): void => void execFileSync('mount', ['--bind', backing, drive]);
  connect();
  try {
    const app = await launch();
    await trainUntilSaved(app.window);
    execFileSync('umount', ['-l', drive]);
    const notice = app.window.getByRole('alert');
    await expect(notice).toContainText('The training ended early', { timeout: 60_000 });
    await expect(notice).toContainText('connect its drive');
    await expect(app.window.getByText(/^This run ended at step [1-9]\d* of 150\./)).toBeVisible();
    await app.screenshot('train-drive-gone');
    expect(readdirSync(drive)).toEqual([]);
    connect();
    await resumeToEnd(app.window);
    await app.close();
  } finally {
    spawnSync('umount', ['-l', drive]);
  }
});
