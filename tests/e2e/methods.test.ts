/** Each method from the wizard to what only it shows: ranks over time, gates, a cut adapter, a merge with frozen gates. */
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { seriousFindings } from './support/accessibility.ts';
import { expect, test } from './support/app.ts';
import {
  analyse,
  exportInto,
  goToStep,
  openStories,
  setNumber,
  startTraining,
  tableOf,
  trainingEnds,
} from './support/wizard.ts';

const steps = 6;

async function chooseMethod(window: Page, name: string): Promise<void> {
  await window.getByRole('radio', { name, exact: true }).click();
  await expect(window.getByRole('radio', { name, exact: true })).toBeChecked();
}

async function toTraining(window: Page): Promise<void> {
  await openStories(window);
  await goToStep(window, 'Ranks');
  await analyse(window);
  await goToStep(window, 'Train');
}

/** Trains a method for a few steps, evaluated on the way. */
async function trainMethod(window: Page, name: string): Promise<void> {
  await chooseMethod(window, name);
  await setNumber(window, 'Steps', steps);
  await setNumber(window, 'Evaluate every', 2);
  await startTraining(window);
  await trainingEnds(window);
}

test('every method can be chosen, is told with what it takes, and trains', async ({ app }) => {
  test.setTimeout(400_000);
  const { window } = app;
  await toTraining(window);
  const methods = window.getByRole('radiogroup', { name: 'Method' }).getByRole('radio');
  const names = await methods.evaluateAll((all) => all.map((one) => one.getAttribute('aria-label') ?? ''));
  expect(names.length).toBeGreaterThanOrEqual(8);
  // What each takes is the engine's answer, not a dash.
  for (const radio of await methods.all()) await expect(radio).toHaveText(/\d.*B.*iB/, { timeout: 60_000 });
  await app.screenshot('methods');
  for (const name of names) {
    await test.step(name, async () => {
      await trainMethod(window, name);
      await expect(window.getByText(`Done after ${steps} steps`, { exact: false }).first()).toBeVisible();
      const curve = await tableOf(window, 'Loss');
      const heldOut = curve.filter((row) => row['held-out'] !== '').map((row) => Number(row['held-out']));
      expect(heldOut.length, name).toBeGreaterThanOrEqual(3);
      expect(heldOut.every(Number.isFinite), name).toBe(true);
      expect(heldOut.at(-1), name).toBeLessThan(heldOut[0] ?? NaN);
      await window.getByRole('button', { name: 'Change settings' }).click();
    });
  }
});

test('AdaLoRA: the map follows its ranks through time', async ({ app }) => {
  const { window } = app;
  await toTraining(window);
  await chooseMethod(window, 'AdaLoRA');
  await setNumber(window, 'Rank at the start', 6);
  await setNumber(window, 'Mean rank at the end', 2);
  await trainMethod(window, 'AdaLoRA');
  await window.getByRole('tab', { name: 'Ranks', exact: true }).click();
  const given = async (): Promise<number> => {
    const rows = await tableOf(window, 'Rank of each matrix');
    return rows.reduce((sum, row) => sum + Number(row['rank']), 0);
  };
  const atEnd = await given();
  const slider = window.getByRole('slider', { name: 'Time: which moment the map shows' });
  await slider.focus();
  await window.keyboard.press('Home');
  await expect(window.getByText(/^After step 0/).last()).toBeVisible();
  expect(await given()).toBe(6 * 35);
  expect(atEnd).toBe(2 * 35);
  expect(await seriousFindings(window)).toEqual([]);
});

test('Mo-SARA: gates over training and of a text, then a merge that has to be accepted', async ({ app, places }) => {
  test.setTimeout(240_000);
  const { window, electron } = app;
  await toTraining(window);
  await trainMethod(window, 'Mo-SARA');
  await window.getByRole('tab', { name: 'Gates' }).click();
  const rows = await tableOf(window, 'How much each set is used');
  expect(rows).toHaveLength(35);
  for (const row of rows) {
    const gates = [1, 2, 3, 4, 5].map((set) => Number(row[`mean gate ${set}`]));
    expect(gates.reduce((sum, gate) => sum + gate, 0)).toBeCloseTo(1, 2);
  }
  await window.getByRole('radio', { name: 'Of a text' }).click();
  await window.getByRole('textbox', { name: 'Text' }).fill('Once upon a time there was a pub.');
  await window.getByRole('button', { name: 'Read the gates' }).click();
  const tokens = window.getByRole('application', { name: /^Gates of / });
  await expect(tokens).toBeVisible({ timeout: 60_000 });
  await tokens.focus();
  await window.keyboard.press('ArrowRight');
  await expect(window.getByText(/^Token 1 /)).toContainText('set 5');
  expect(await seriousFindings(window)).toEqual([]);
  await app.screenshot('gates-of-a-text');

  await window.getByRole('button', { name: 'Continue to merge' }).click();
  const merge = window.getByTestId('export');
  await expect(merge).toHaveAttribute('aria-disabled', 'true');
  await window.getByRole('button', { name: 'Measure the cost' }).click();
  const accept = window.getByRole('checkbox', { name: 'I accept this loss for the merged model' });
  await expect(accept).toBeVisible({ timeout: 60_000 });
  await expect(window.getByText(/nats a token$/)).toBeVisible();
  await expect(merge).toHaveAttribute('aria-disabled', 'true');
  await accept.check();
  expect(await seriousFindings(window)).toEqual([]);
  await app.screenshot('frozen-gates');
  const merged = join(places.home, 'merged');
  mkdirSync(merged);
  await exportInto(window, electron, merged);
  await expect(window.getByRole('region', { name: 'Frozen gates' })).toContainText('KL divergence');
  expect(readdirSync(merged)).toContain('model.safetensors');

  await window.getByRole('button', { name: 'Another export' }).click();
  await window.getByRole('radio', { name: 'Native adapter' }).check({ force: true });
  await expect(window.getByRole('heading', { name: 'Frozen gates' })).toHaveCount(0);
  const native = join(places.home, 'native');
  mkdirSync(native);
  await exportInto(window, electron, native);
  expect(readdirSync(native).length).toBeGreaterThan(0);
});

test('an adapter is cut after training, its loss measured, and kept as a run of its own', async ({ app }) => {
  const { window } = app;
  await toTraining(window);
  await trainMethod(window, 'SARA');
  await window.getByRole('tab', { name: 'Compress' }).click();
  await window.getByRole('button', { name: 'Measure what a cut costs' }).click();
  const slider = window.getByRole('slider', { name: 'Share of energy that is kept' });
  await expect(slider).toBeVisible({ timeout: 60_000 });
  const whole = await tableOf(window, 'Rank after the cut');
  await slider.focus();
  await window.keyboard.press('Home');
  await expect(window.getByText('50 % of the energy').last()).toBeVisible();
  const half = await tableOf(window, 'Rank after the cut');
  const total = (rows: typeof half): number => rows.reduce((sum, row) => sum + Number(row['rank after']), 0);
  expect(total(half)).toBeLessThan(total(whole));
  for (const row of half) expect(Number(row['energy kept'])).toBeGreaterThanOrEqual(0.5);
  expect(await seriousFindings(window)).toEqual([]);
  await app.screenshot('compress');
  await window.getByRole('button', { name: 'Keep 50 % as a new run' }).click();
  await expect(window.getByText('Kept: the new run is in Runs.')).toBeVisible({ timeout: 60_000 });
  await window.getByRole('button', { name: 'Runs', exact: true }).click();
  await expect(window.getByRole('button', { name: /^Open / })).toHaveCount(2);
});
