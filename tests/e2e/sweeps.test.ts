/** Sweeps through the window: on this machine to the end, and 1,000 trials at work on a cluster that is simulated. */
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ElectronApplication, Page } from '@playwright/test';
import { SimulatedCluster } from '../support/simulatedCluster.ts';
import { seriousFindings } from './support/accessibility.ts';
import { expect, test } from './support/app.ts';
import { frameGaps } from './support/frames.ts';
import { callRoute } from './support/routes.ts';
import { setSystemTheme, themes } from './support/theme.ts';
import { goToStep, openStories, setNumber } from './support/wizard.ts';

/** Seconds in which all trials are at work; `npm run bench:sweeps` takes more. */
const liveSeconds = Number(process.env['SARA_SWEEP_SECONDS'] ?? 6);
const figures = join(import.meta.dirname, '..', '..', 'test-results', 'sweeps.json');

/** The project of the sample with few steps. */
async function project(window: Page): Promise<void> {
  await openStories(window);
  await goToStep(window, 'Train');
  await setNumber(window, 'Steps', 6);
}

async function setUpSweep(window: Page, lists: Readonly<Record<string, string>>): Promise<void> {
  await window.getByRole('button', { name: 'Sweeps', exact: true }).click();
  await window.getByRole('button', { name: 'New sweep' }).click();
  for (const [name, values] of Object.entries(lists)) {
    const field = window.getByRole('textbox', { name, exact: true });
    await field.fill(values);
    await field.blur();
  }
}

test('a sweep on this machine is set up, trained, looked at in both pictures, and its best becomes a run', async ({
  app,
}) => {
  test.setTimeout(300_000);
  const { window } = app;
  await project(window);
  await setUpSweep(window, { 'Learning rates': '0.001, 0.01', 'Shares m': '0.1, 0.3', Seeds: '0, 1' });
  await app.screenshot('sweep-form');
  await window.getByRole('button', { name: 'Train 8 trials' }).click();
  await expect(window.getByText('All trials are done')).toBeVisible({ timeout: 240_000 });
  const rows = window.getByRole('listbox', { name: 'Trials' }).getByRole('option');
  await expect(rows).toHaveCount(8);
  await expect(window.getByText(/^\d\.\d+ ± \d\.\d+ over 2 seeds$/)).toBeVisible();
  await rows.nth(2).click();
  await expect(window.getByRole('heading', { name: 'Trial 3' })).toBeVisible();
  for (const theme of themes) {
    await setSystemTheme(app, theme);
    for (const picture of ['Lines', 'Heat table']) {
      await window.getByRole('radio', { name: picture }).click();
      expect(await seriousFindings(window)).toEqual([]);
      await app.screenshot(`sweep-${picture === 'Lines' ? 'lines' : 'heat'}-${theme}`);
    }
  }
  await expect(
    window
      .getByRole('table')
      .getByText(/2 of 2 seeds/)
      .first(),
  ).toBeVisible();
  await window.getByRole('button', { name: 'Make this the run' }).first().click();
  await expect(window.getByRole('heading', { name: 'stories260K on train.jsonl' })).toBeVisible({ timeout: 30_000 });
  const runs = await callRoute(window, 'runs.list', {});
  expect(runs.map(({ record }) => [record.state, record.step])).toEqual([['done', 6]]);
});

test('1,000 live trials on 100 nodes leave the window answering, and their state small', async ({ app, places }) => {
  test.setTimeout(120_000 + 1000 * liveSeconds);
  const { window, electron } = app;
  const cluster = new SimulatedCluster({ trials: 1000, nodes: 100, seconds: liveSeconds });
  const address = await cluster.start();
  try {
    await callRoute(window, 'targets.save', { target: { name: 'simulated', address, storage: '/simulated' } });
    await project(window);
    await window.getByRole('radio', { name: 'simulated' }).click();
    await expect(window.getByText('Runs on simulated; the run comes home when it is done')).toBeVisible();
    await app.screenshot('train-where');
    await window.getByRole('radio', { name: 'This machine' }).click();
    const rates = Array.from({ length: 20 }, (_, i) => (0.0001 * 1.25 ** i).toPrecision(3)).join(', ');
    const thresholds = Array.from({ length: 10 }, (_, i) => (0.02 * (i + 1)).toFixed(2)).join(', ');
    await setUpSweep(window, { 'Learning rates': rates, 'Shares m': thresholds, Seeds: '0, 1, 2, 3, 4' });
    await window.getByRole('radio', { name: 'simulated' }).click();
    await app.screenshot('sweep-form-cluster');
    // The app asks its engine what the machine has some time after the start; that process is no part of a sweep's state.
    await callRoute(window, 'engine.report', {});
    const before = await memoryOf(electron);
    await window.getByRole('button', { name: /^Train 1,?000 trials$/ }).click();
    await expect(window.getByText('running', { exact: true }).first()).toBeVisible({ timeout: 60_000 });
    const frames = frameGaps(window, liveSeconds - 2);
    const list = window.getByRole('listbox', { name: 'Trials' });
    await list.focus();
    // The person goes through the table meanwhile.
    for (let page = 0; page < 4; page += 1) await list.press('PageDown');
    const seen = fluency(await frames);
    await app.screenshot('sweep-live');
    const during = await memoryOf(electron);
    const { requests, bytes, lines } = cluster.traffic;
    await expect(window.getByText('All trials are done')).toBeVisible({ timeout: 60_000 });
    await expect(window.getByText(/^1,?000 of 1,?000 trials$/)).toBeVisible();
    const found = {
      trials: 1000,
      nodes: 100,
      seconds: lines,
      requestsPerSecond: round(requests / lines),
      bytesPerTrialAndSecond: round(bytes / lines / 1000),
      tableBytes: bytesBelow(join(places.home, 'sweeps')),
      memoryMegabytes: Object.fromEntries(
        Object.entries(during).map(([name, kilobytes]) => [name, round((kilobytes - (before[name] ?? 0)) / 1024)]),
      ),
      ...seen,
    };
    writeFileSync(figures, `${JSON.stringify(found, null, 2)}\n`);
    expect(requests / lines).toBeLessThan(2);
    expect(found.tableBytes).toBeLessThan(5e6);
    expect(Object.values(found.memoryMegabytes).reduce((sum, size) => sum + size, 0)).toBeLessThan(200);
  } finally {
    await cluster.stop();
  }
});

/** What the gaps between frames say of how fluid the window is. */
function fluency(gaps: readonly number[]): Readonly<Record<string, number>> {
  const sorted = [...gaps].sort((a, b) => a - b);
  const whole = gaps.reduce((sum, gap) => sum + gap, 0);
  return {
    framesPerSecond: round((1000 * gaps.length) / whole),
    medianFrameMilliseconds: round(sorted[gaps.length >> 1] ?? 0),
    longestFrameMilliseconds: round(sorted.at(-1) ?? 0),
    framesOver34Milliseconds: gaps.filter((gap) => gap > 34).length,
  };
}

/** Kilobytes of the app's processes that a sweep is in, by their names. */
async function memoryOf(electron: ElectronApplication): Promise<Record<string, number>> {
  return electron.evaluate(({ app }) =>
    Object.fromEntries(
      app
        .getAppMetrics()
        .filter(({ type, name }) => type === 'Browser' || type === 'Tab' || name?.startsWith('SARA engine') === true)
        .map(({ type, name, memory }) => [name ?? type, memory.workingSetSize]),
    ),
  );
}

function bytesBelow(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => statSync(join(folder, name)))
    .reduce((sum, found) => sum + (found.isFile() ? found.size : 0), 0);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
