/** The second half of the path on the small sample: ranks, training, merge, chat, runs, as a person does it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { seriousFindings } from './support/accessibility.ts';
import { expect, test } from './support/app.ts';
import { answerOpenDialogs } from './support/dialogs.ts';

async function field(window: Page, label: string, value: string): Promise<void> {
  const input = window.getByLabel(label, { exact: true });
  await input.fill(value);
  await input.press('Enter');
}

test('from the ranks to a merged model that answers beside its base', async ({ app, places }) => {
  test.setTimeout(300_000);
  const { window, electron } = app;
  const findings: string[] = [];
  const look = async (name: string): Promise<void> => {
    findings.push(...(await seriousFindings(window)).map((finding) => `${name}: ${finding}`));
    await app.screenshot(name);
  };

  await window.getByRole('button', { name: 'Open Tiny stories' }).click();
  await expect(window.getByRole('heading', { name: 'stories260K' })).toBeVisible();

  // Ranks: every cell filled, reached by keys, and a cut at a cell is the threshold of all.
  await window.keyboard.press('Control+3');
  await window.getByRole('button', { name: 'Analyse 35 matrices' }).click();
  await expect(window.getByRole('button', { name: 'Continue to training' })).toBeVisible({ timeout: 60_000 });
  const map = window.getByRole('grid');
  await map.focus();
  await map.press('Control+Home');
  await map.press('ArrowDown');
  await expect(map.getByRole('gridcell')).toContainText('model.layers.1.self_attn.q_proj, 64 by 64: k ');
  await map.press('Enter');
  const cut = window.getByRole('slider', { name: /^Cut/ });
  await expect(cut).toBeFocused();
  const before = Number(await cut.getAttribute('aria-valuenow'));
  await cut.press('ArrowRight');
  await expect(cut).toHaveAttribute('aria-valuenow', String(before + 1));
  await expect(map.getByRole('gridcell')).toContainText(`k ${String(before + 1)},`);
  await look('ranks');
  await cut.press('Escape');
  await window.getByRole('button', { name: 'Show as table' }).click();
  await expect(window.getByRole('table', { name: 'Rank map' }).getByRole('row')).toHaveCount(35 + 1);
  await look('ranks-table');
  await window.getByRole('button', { name: 'Continue to training' }).click();

  // Training: few steps, with one answer at each evaluation.
  await window.getByRole('radio', { name: /Quick try/ }).click();
  await field(window, 'Steps', '6');
  await field(window, 'Evaluate every', '3');
  await window.getByRole('button', { name: 'Take one from the data' }).click();
  await look('train-settings');
  await window.getByRole('button', { name: 'Train 6 steps' }).click();
  await expect(window.getByRole('button', { name: 'Continue to merge' })).toBeVisible({ timeout: 120_000 });
  await expect(window.getByText('6 of 6', { exact: true })).toBeVisible();
  await look('train-done');
  await window.getByRole('tab', { name: 'What it learnt' }).click();
  await expect(window.getByText('After step 6').last()).toBeVisible();
  await look('train-learnt');
  await window.getByRole('tab', { name: /Answers/ }).click();
  await expect(window.getByText('step 6', { exact: true })).toBeVisible();
  await look('train-answers');
  await window.getByRole('button', { name: 'Continue to merge' }).click();

  // Merge: the checks are those of the written files.
  const out = join(places.home, 'merged');
  await answerOpenDialogs(electron, out);
  await window.getByRole('button', { name: 'Merge and export' }).click();
  await expect(window.getByRole('heading', { name: 'Verification' })).toBeVisible({ timeout: 60_000 });
  expect(existsSync(join(out, 'model.safetensors'))).toBe(true);
  await look('merge-done');

  // Chat: both sides answer.
  await window.getByRole('button', { name: 'Compare in chat' }).click();
  await window.getByLabel('Longest answer').fill('12');
  await window.getByLabel('Longest answer').press('Enter');
  await window.getByLabel('Question').fill('Once upon a time');
  await window.getByLabel('Question').press('Enter');
  for (const side of ['Base', 'Tuned']) {
    await expect(window.getByRole('article', { name: side })).toContainText('tokens/s', { timeout: 60_000 });
  }
  await look('chat');

  // Runs: the run is listed, replays, and can be deleted.
  await window.getByRole('button', { name: 'Runs', exact: true }).click();
  await expect(window.getByText('Done')).toBeVisible();
  await look('runs');
  await window.getByRole('button', { name: /^Open / }).click();
  await expect(window.getByText('6 of 6', { exact: true })).toBeVisible();
  await look('run');
  await window.getByRole('button', { name: 'Delete' }).click();
  await window.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(window.getByText('No runs yet')).toBeVisible();
  expect(findings).toEqual([]);
});
