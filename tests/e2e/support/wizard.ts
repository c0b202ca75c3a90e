/** The path of a person through the window, in the words that are on it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type ElectronApplication, type Locator, type Page } from '@playwright/test';
import { answerOpenDialogs } from './dialogs.ts';

export type StepName = 'Model' | 'Data' | 'Ranks' | 'Train' | 'Merge & export';

const loaded = 30_000;
const engineStarts = 60_000;

/** Opens the sample that ships with the app, from Home. */
export async function openStories(window: Page): Promise<void> {
  await window.getByRole('button', { name: 'Open Tiny stories' }).click();
  await expect(window.getByRole('heading', { name: 'stories260K' })).toBeVisible({ timeout: loaded });
}

export async function goToStep(window: Page, step: StepName): Promise<void> {
  const path = window.getByRole('navigation', { name: 'The path of the project' });
  const button = path.getByRole('button', { name: new RegExp(`^(\\d )?${step} `) });
  await button.click();
  await expect(button).toHaveAttribute('aria-current', 'step');
}

/** Computes the spectra in the Ranks step and waits until the map is whole. */
export async function analyse(window: Page, timeout = engineStarts): Promise<void> {
  await window.getByRole('button', { name: /^Analyse \d+ matrices$/ }).click();
  await expect(window.getByRole('button', { name: 'Continue to training' })).toBeVisible({ timeout });
}

/** Changes a number in the Train step's settings. */
export async function setNumber(window: Page, label: string, value: number): Promise<void> {
  const field = window.getByRole('spinbutton', { name: label, exact: true });
  await field.fill(String(value));
  await field.press('Enter');
  await field.blur();
}

/**
 * Brings the sample to settings that no computer has the memory for: together its rows then have more tokens than fit.
 * @param folder where the rows are written
 * @returns what the Train step says of the need
 */
export async function setUpTooMuch(window: Page, electron: ElectronApplication, folder: string): Promise<Locator> {
  const file = join(folder, 'many.jsonl');
  const row = { prompt: 'Tell a story.', completion: 'Once upon a time there was a dog. '.repeat(24) };
  writeFileSync(file, `${JSON.stringify(row)}\n`.repeat(60_000));
  await openStories(window);
  await goToStep(window, 'Data');
  await answerOpenDialogs(electron, file);
  await window.getByRole('button', { name: 'Open another file…' }).first().click();
  await expect(window.getByText(/60.?000/).first()).toBeVisible({ timeout: engineStarts });
  await goToStep(window, 'Train');
  await setNumber(window, 'Rows at a time', 50_000);
  const needs = window.getByRole('region', { name: 'What it takes' });
  await expect(needs.getByText('Does not fit', { exact: true }).first()).toBeVisible({ timeout: engineStarts });
  return needs;
}

/** Starts the training of the Train step and waits for its first step. */
export async function startTraining(window: Page, timeout = engineStarts): Promise<void> {
  await window
    .getByRole('button', { name: /^Train( \d+ steps?)?$/ })
    .and(window.locator('[data-testid=train]'))
    .click();
  await expect(window.getByRole('button', { name: 'Stop and keep' })).toBeEnabled({ timeout });
}

/** Begins a training of the story sample that saves every so many steps, and evaluates only at its end. */
export async function trainStories(window: Page, steps: number, saveEvery: number): Promise<void> {
  await openStories(window);
  await goToStep(window, 'Train');
  await window.getByRole('radio', { name: 'All settings' }).click();
  await setNumber(window, 'Save every', saveEvery);
  await setNumber(window, 'Evaluate every', 0);
  await setNumber(window, 'Steps', steps);
  await startTraining(window);
}

/** Waits until the training has ended by itself. */
export async function trainingEnds(window: Page, timeout = engineStarts): Promise<void> {
  await expect(window.getByRole('button', { name: 'Continue to merge' })).toBeVisible({ timeout });
}

/** Exports the chosen format into a folder, and waits for the proof. */
export async function exportInto(
  window: Page,
  electron: ElectronApplication,
  folder: string,
  timeout = engineStarts,
): Promise<void> {
  await answerOpenDialogs(electron, folder);
  await window.getByRole('button', { name: 'Choose…' }).click();
  await expect(window.getByText(folder, { exact: true })).toBeVisible();
  await window.getByTestId('export').click();
  await expect(window.getByRole('heading', { name: 'Proven' })).toBeVisible({ timeout });
}

/** The cells of a chart as its table shows them, by the names of its columns; the picture comes back. */
export async function tableOf(window: Page, chart: string): Promise<Record<string, string>[]> {
  const frame = window.getByRole('region', { name: chart, exact: true }).first();
  await frame.getByRole('button', { name: 'Show as table' }).click();
  const table = frame.locator('table');
  const columns = await table.locator('thead th').allInnerTexts();
  const rows = await table
    .locator('tbody tr')
    .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent ?? '')));
  await frame.getByRole('button', { name: 'Show as chart' }).click();
  return rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i] ?? ''])));
}

/** The value beside a name in a list of facts. */
export function fact(scope: Page | Locator, name: string): Locator {
  return scope.locator('dt', { hasText: new RegExp(`^${name}$`) }).locator('xpath=following-sibling::dd[1]');
}

/** What a canvas shows, to tell whether it has changed. */
export async function pictureOf(canvas: Locator): Promise<string> {
  return canvas.evaluate((element: HTMLCanvasElement) => element.toDataURL());
}
