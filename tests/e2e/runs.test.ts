/** What is promised of runs: a queue, a list of any length, notes, comparison, and a way back from the trash. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { trainConfigSchema } from '../../src-main/contract/requests.schema.ts';
import { writeRun } from '../../src-main/runs/runFolder.ts';
import { sampleRecord } from '../unit/runs/sampleRecord.ts';
import { seriousFindings } from './support/accessibility.ts';
import { expect, test, type LaunchedApp } from './support/app.ts';
import { saveInto } from './support/downloads.ts';
import { setSystemTheme, themes } from './support/theme.ts';
import { trashInto } from './support/trash.ts';
import { goToStep, openStories, setNumber, startTraining } from './support/wizard.ts';

const queueOf = (window: Page) => window.getByRole('region', { name: 'Queue' });
const waiting = async (window: Page): Promise<string[]> =>
  (await queueOf(window).getByRole('listitem').allInnerTexts()).map(
    (text) => /\d+ steps|Resume|Now/.exec(text)?.[0] ?? text,
  );
const openRuns = async (window: Page): Promise<void> =>
  window.getByRole('navigation', { name: 'Main navigation' }).getByRole('button', { name: 'Runs' }).click();

async function enqueue(window: Page, steps: number): Promise<void> {
  await setNumber(window, 'Steps', steps);
  await window.getByRole('button', { name: 'Add to queue' }).click();
}

test('queued trainings keep their order through a restart and start by themselves', async ({ launch }) => {
  test.setTimeout(480_000);
  const first = await launch();
  await openStories(first.window);
  await goToStep(first.window, 'Train');
  await setNumber(first.window, 'Steps', 3000);
  await first.electron.evaluate(({ BrowserWindow }) => {
    const shown: number[] = [];
    Object.assign(globalThis, { shown });
    const [window] = BrowserWindow.getAllWindows();
    const setProgressBar = window?.setProgressBar.bind(window);
    if (window) window.setProgressBar = (value, options) => (shown.push(value), setProgressBar?.(value, options));
  });
  await startTraining(first.window);
  await first.window.getByRole('button', { name: 'Set up the next' }).click();
  for (const steps of [6, 7, 8]) await enqueue(first.window, steps);
  await openRuns(first.window);
  await expect.poll(() => waiting(first.window)).toEqual(['6 steps', '7 steps', '8 steps']);
  await first.screenshot('runs-queue');
  await queueOf(first.window)
    .getByRole('button', { name: /^Earlier: .*8 steps$/ })
    .click();
  await queueOf(first.window)
    .getByRole('button', { name: /^Remove: .*6 steps$/ })
    .click();
  await expect.poll(() => waiting(first.window)).toEqual(['8 steps', '7 steps']);
  const shown = await first.electron.evaluate(() => (globalThis as unknown as { shown: number[] }).shown);
  expect(shown.some((value) => value > 0 && value < 1)).toBe(true);
  await first.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
  await first.window.getByRole('button', { name: 'Stop, keep and close' }).click();
  await first.close();

  const { window, screenshot } = await launch();
  await openRuns(window);
  await expect(queueOf(window)).toContainText('They are from last time');
  expect(await waiting(window)).toEqual(['8 steps', '7 steps']);
  await screenshot('runs-queue-held');
  await queueOf(window).getByRole('button', { name: 'Go on' }).click();
  await expect(window.getByRole('gridcell', { name: 'Done' })).toHaveCount(2, { timeout: 240_000 });
  await expect(queueOf(window)).toHaveCount(0);
  // The run that was stopped at the close can still go on.
  await window
    .getByRole('row', { name: /Stopped/ })
    .getByRole('button')
    .click();
  await expect(window.getByRole('button', { name: 'Resume' })).toBeVisible();
});

test('a training of the queue that is cut off goes on first after a restart', async ({ launch }) => {
  test.setTimeout(180_000);
  const first = await launch();
  await openStories(first.window);
  await goToStep(first.window, 'Train');
  await enqueue(first.window, 3000);
  await first.window.getByRole('button', { name: 'Set up the next' }).click({ timeout: 60_000 });
  await enqueue(first.window, 5);
  await openRuns(first.window);
  await expect.poll(() => waiting(first.window), { timeout: 30_000 }).toEqual(['Now', '5 steps']);
  await expect(first.window.getByRole('gridcell', { name: 'Running' })).toBeVisible({ timeout: 60_000 });
  await first.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
  await first.window.getByRole('button', { name: 'Close at once' }).click();
  await first.close();
  const { window } = await launch();
  await openRuns(window);
  await expect.poll(() => waiting(window)).toEqual(['Resume', '5 steps']);
});

/** Runs that were trained with different rates; the better the smaller their number. */
async function makeRuns(home: string, count: number): Promise<void> {
  const base = sampleRecord();
  for (let i = 0; i < count; i++) {
    const id = `2026-01-01 stories260K sara ${String(i + 1).padStart(4, '0')}`;
    const folder = join(home, 'runs', id);
    mkdirSync(folder, { recursive: true });
    await writeRun(folder, {
      ...base,
      ...{ id, name: `stories260K on train ${i + 1}`, state: 'done', step: 40, totalSteps: 40, baseLoss: 3 },
      updatedAt: new Date(Date.UTC(2026, 0, 1) + i * 60_000).toISOString(),
      config: trainConfigSchema.parse({ ...base.config, learningRate: 1e-3 * (1 + (i % 5)), steps: 40 }),
      best: { step: 40, loss: 1 + i / count },
      last: { step: 40 },
    });
    const steps = Array.from({ length: 40 }, (_, s) =>
      JSON.stringify({
        ...{
          event: 'step',
          step: s + 1,
          loss: 3 - (2 - i / count) * (1 - Math.exp(-s / 12)),
          lr: 1e-3,
          gradNorm: 1 / (s + 1),
        },
        ...{ tokensPerSecond: 900, rssBytes: 1, tokens: 512 * (s + 1), elapsedSeconds: s + 1, etaSeconds: 0 },
      }),
    );
    const held = [0, 40].map((step) =>
      JSON.stringify({ event: 'eval', step, loss: step === 0 ? 3 : 1 + i / count, best: step > 0 }),
    );
    writeFileSync(join(folder, 'metrics.jsonl'), [held[0], ...steps, held[1], ''].join('\n'));
  }
}

async function choose(window: Page, ...numbers: readonly string[]): Promise<void> {
  for (const number of numbers) await window.getByRole('checkbox', { name: new RegExp(`sara ${number}$`) }).click();
}

/** Looks at a state in both themes and two sizes, and gives what axe finds. */
async function lookAround(app: LaunchedApp, name: string): Promise<string[]> {
  const findings: string[] = [];
  const size = (width: number, height: number) =>
    app.electron.evaluate(({ BrowserWindow }, [w, h]) => BrowserWindow.getAllWindows()[0]?.setSize(w, h), [
      width,
      height,
    ] as const);
  for (const theme of themes) {
    await setSystemTheme(app, theme);
    findings.push(...(await seriousFindings(app.window)).map((finding) => `${name}, ${theme}: ${finding}`));
    await app.screenshot(`${name}-${theme}`);
    await size(1024, 640);
    await app.screenshot(`${name}-${theme}-narrow`);
    await size(1360, 860);
  }
  return findings;
}

test('a thousand runs are listed, found, noted, compared and thrown away', async ({ launch, places }) => {
  test.setTimeout(300_000);
  await makeRuns(places.home, 1_000);
  const app = await launch();
  const { window, electron } = app;
  const findings: string[] = [];
  await openRuns(window);
  const grid = window.getByRole('grid', { name: 'Runs' });
  const rows = grid.getByRole('row');
  await expect(grid).toHaveAttribute('aria-rowcount', '1001', { timeout: 30_000 });

  await test.step('Only rows in sight are drawn, and keys reach all of them', async () => {
    expect(await rows.count()).toBeLessThan(60);
    await expect(rows.nth(1)).toContainText('sara 1000');
    await expect(rows.nth(1).locator('polyline')).toHaveAttribute('points', /\d/);
    await grid.focus();
    await window.keyboard.press('End');
    await expect(grid.getByRole('row', { name: /sara 0001/ })).toBeVisible();
    await window.keyboard.press('Home');
    await grid.getByRole('button', { name: 'Held-out loss' }).click();
    await expect(rows.nth(1)).toContainText('sara 0001');
    findings.push(...(await lookAround(app, 'runs-list')));
  });

  await test.step('Notes are kept beside the run, and found', async () => {
    await window.getByRole('searchbox', { name: /^Search/ }).fill('0042');
    await expect(rows).toHaveCount(2);
    await grid.focus();
    await window.keyboard.press('Home');
    await window.keyboard.press('Enter');
    await window.getByRole('textbox', { name: 'Tags' }).fill('keep, e2e');
    await window.getByRole('textbox', { name: 'Note', exact: true }).fill('The best rate so far.');
    await window.getByRole('textbox', { name: 'Note', exact: true }).blur();
    const file = join(places.home, 'runs', '2026-01-01 stories260K sara 0042', 'notes.json');
    await expect
      .poll(() => (existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as unknown) : undefined))
      .toEqual({
        tags: ['keep', 'e2e'],
        note: 'The best rate so far.',
      });
    findings.push(...(await lookAround(app, 'run-notes')));
    await window.getByRole('button', { name: 'All runs' }).click();
    await window.getByRole('searchbox', { name: /^Search/ }).fill('best rate');
    await expect(rows).toHaveCount(2);
    await window.getByRole('button', { name: 'Show all' }).click();
    await window.getByRole('combobox', { name: /^Tag/ }).click();
    await window.getByRole('option', { name: 'e2e' }).click();
    await expect(rows).toHaveCount(2);
    await window.getByRole('button', { name: 'Show all' }).click();
  });

  await test.step('Curves lie over one another, and only settings that differ are told', async () => {
    await choose(window, '0001', '0002', '0003');
    await window.getByRole('button', { name: 'Compare 3 runs' }).click();
    const chart = window.getByRole('region', { name: 'Training loss', exact: true });
    const legend = chart.getByRole('list', { name: /^Lines/ });
    await expect(legend.getByRole('button')).toHaveCount(3);
    await window.getByRole('checkbox', { name: 'Log scale' }).check();
    await saveInto(electron, places.home);
    const saved = async (item: string, ending: string): Promise<string> => {
      await chart.getByRole('button', { name: 'Save or copy' }).click();
      await window.getByRole('menuitem', { name: item }).click();
      const file = join(places.home, `runs-loss.${ending}`);
      await expect.poll(() => (existsSync(file) ? readFileSync(file).length : 0)).toBeGreaterThan(500);
      return readFileSync(file, 'latin1');
    };
    const drawing = await saved('Save as drawing (SVG)', 'svg');
    for (const number of ['0001', '0002', '0003']) expect(drawing).toContain(`sara ${number}`);
    expect(drawing.match(/<path d="M[^"]*L/g)?.length).toBe(6);
    expect(await saved('Save values (CSV)', 'csv')).toMatch(/^step,.*sara 0001.*\r\n1,/);
    expect(await saved('Save as picture (PNG)', 'png')).toMatch(/^.PNG/);
    await legend.getByRole('button', { name: /sara 0002/ }).click();
    await expect(legend.getByRole('button', { name: /sara 0002/ })).toHaveAttribute('aria-pressed', 'false');
    findings.push(...(await lookAround(app, 'runs-compare')));
    for (const metric of ['Held-out loss', 'Learning rate', 'Gradient norm', 'Tokens per second']) {
      await window.getByRole('combobox', { name: /^Show/ }).click();
      await window.getByRole('option', { name: metric }).click();
      await expect(window.getByRole('region', { name: metric, exact: true })).toBeVisible();
    }
    await window.getByRole('tab', { name: 'Results' }).click();
    await expect(window.getByRole('row', { name: /sara 0003/ })).toContainText('1.002');
    await window.getByRole('tab', { name: 'Settings that differ' }).click();
    await expect(window.getByRole('row', { name: /^Learning rate 0.001 0.002 0.003$/ })).toBeVisible();
    expect(await window.locator('tbody tr').count()).toBe(2);
    findings.push(...(await lookAround(app, 'runs-difference')));
    await window.getByRole('button', { name: 'All runs' }).click();
  });

  await test.step('A run goes to the trash, or for good where there is none', async () => {
    const trash = join(places.home, 'trash');
    mkdirSync(trash);
    const remove = async (number: string, confirm: string): Promise<void> => {
      await window.getByRole('searchbox', { name: /^Search/ }).fill(`train ${Number(number)}`);
      await window
        .getByRole('row', { name: new RegExp(`sara ${number}`) })
        .getByRole('button')
        .click();
      await window.getByRole('button', { name: 'Delete' }).click();
      await window.getByRole('dialog').getByRole('button', { name: confirm }).click();
    };
    await trashInto(electron, trash);
    await remove('1000', 'Move to trash');
    await expect(window.getByText('Put it back from the system’s trash')).toBeVisible();
    expect(readdirSync(trash)).toEqual(['2026-01-01 stories260K sara 1000']);
    await trashInto(electron, undefined);
    await remove('0999', 'Move to trash');
    await expect(window.getByRole('dialog', { name: 'Delete it for good?' })).toBeVisible();
    await window.getByRole('dialog').getByRole('button', { name: 'Delete for good' }).click();
    await window.getByRole('button', { name: 'Show all' }).click();
    await expect(grid).toHaveAttribute('aria-rowcount', '999');
  });
  expect(findings).toEqual([]);
});

test('the settings of a run are trained again after a change', async ({ app }) => {
  test.setTimeout(240_000);
  const { window } = app;
  await openStories(window);
  await goToStep(window, 'Train');
  await setNumber(window, 'Steps', 6);
  await startTraining(window);
  await expect(window.getByRole('button', { name: 'Continue to merge' })).toBeVisible({ timeout: 180_000 });
  await openRuns(window);
  await window.getByRole('button', { name: /^Open / }).click();
  await window.getByRole('button', { name: 'Use settings again' }).click();
  await expect(window.getByRole('spinbutton', { name: 'Steps', exact: true })).toHaveValue('6');
  await enqueue(window, 7);
  await openRuns(window);
  await expect(window.getByRole('gridcell', { name: 'Done' })).toHaveCount(2, { timeout: 180_000 });
});
