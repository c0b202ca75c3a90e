/** Studies: set up, run to the end, shown as picture and table, saved, found again and compared. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { seriousFindings } from './support/accessibility.ts';
import { expect, test } from './support/app.ts';
import { saveInto } from './support/downloads.ts';
import { setSystemTheme, themes } from './support/theme.ts';
import { openStories, setNumber, tableOf } from './support/wizard.ts';

async function setUp(window: Page, study: string): Promise<void> {
  await window.getByRole('button', { name: 'Studies', exact: true }).click();
  const back = window.getByRole('button', { name: 'All studies' });
  if (await back.isVisible()) await back.click();
  await window.getByRole('button', { name: `Set up ${study}` }).click();
}

async function runStudy(window: Page): Promise<void> {
  await window.getByTestId('run-study').click();
  await expect(window.getByRole('button', { name: 'Change settings' })).toBeVisible({ timeout: 120_000 });
}

test('a study of weights is drawn, sorted, and saved as picture, drawing and values', async ({ app, places }) => {
  const { window, electron } = app;
  await openStories(window);
  await setUp(window, 'Heads');
  await runStudy(window);
  const map = window.getByRole('grid', { name: 'Map of layers and parts' });
  await map.focus();
  await map.press('ArrowDown');
  await expect(window.getByRole('region', { name: /^Spectrum of layer 1, query head 0$/ })).toBeVisible();
  await window.getByRole('radio', { name: 'By value' }).click();
  expect(await seriousFindings(window)).toEqual([]);
  await app.screenshot('study-heads');
  await setUp(window, 'Overview');
  await runStudy(window);
  await expect(window.getByRole('img', { name: /^W0 is \d+ by \d+; its adapter has rank \d+/ })).toBeVisible();
  await app.screenshot('study-overview');
  await saveInto(electron, places.home);
  const frame = window.getByRole('region', { name: /^Spectrum of / });
  for (const [entry, ending] of [
    ['Save as picture (PNG)', 'png'],
    ['Save as drawing (SVG)', 'svg'],
    ['Save values (CSV)', 'csv'],
  ] as const) {
    await frame.getByRole('button', { name: 'Save or copy' }).click();
    await window.getByRole('menuitem', { name: entry }).click();
    const file = join(places.home, `overview-spectrum.${ending}`);
    await expect.poll(() => existsSync(file) && readFileSync(file).length > 0).toBe(true);
  }
  const read = (ending: string): string => readFileSync(join(places.home, `overview-spectrum.${ending}`), 'latin1');
  expect(read('png').slice(1, 4)).toBe('PNG');
  expect(read('svg')).toMatch(/^<svg [\s\S]*<\/svg>\s*$/);
  expect(read('csv').split('\r\n')[0]).toBe('i,sigma,cumulative share,kept');
});

test('a study with probes shows its points, keeps them, and is compared with another', async ({ app }) => {
  test.setTimeout(300_000);
  const { window } = app;
  await openStories(window);
  for (const rate of [0.003, 0.001]) {
    await setUp(window, 'Relation');
    await setNumber(window, 'Steps of a probe', 4);
    await setNumber(window, 'Learning rate', rate);
    await setNumber(window, 'Share m, in per cent', 30);
    const seeds = window.getByRole('textbox', { name: 'Seeds' });
    await seeds.fill('0');
    await seeds.blur();
    await expect(window.getByText(/^5 points/)).toBeVisible();
    await runStudy(window);
    const rows = await tableOf(window, 'Gain against k');
    expect(rows).toHaveLength(5);
    for (const row of rows) expect(Number(row['gain'])).toBeGreaterThan(0);
  }
  await expect(window.getByText('Spearman ρ', { exact: true })).toBeVisible();
  // The same again takes every point from before.
  await window.getByRole('button', { name: 'Change settings' }).click();
  await runStudy(window);
  await window.getByText('Choose a result').click();
  await window.getByRole('option').last().click();
  await expect(window.getByRole('heading', { name: 'Relation: two results' })).toBeVisible();
  await expect(window.getByRole('region', { name: 'Gain against k' })).toHaveCount(2);
  for (const theme of themes) {
    await setSystemTheme(app, theme);
    expect(await seriousFindings(window)).toEqual([]);
  }
  await app.screenshot('study-compare');
});
