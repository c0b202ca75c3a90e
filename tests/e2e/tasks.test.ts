/** A finished run on named tasks, from the window: choices with an interval, texts with metrics, cancelling. */
import type { Page } from '@playwright/test';
import { seriousFindings } from './support/accessibility.ts';
import { expect, test } from './support/app.ts';
import { analyse, goToStep, openStories, setNumber, startTraining, trainingEnds } from './support/wizard.ts';

async function chooseTask(window: Page, name: string): Promise<void> {
  await window.getByRole('combobox', { name: /^Task: / }).click();
  await window.getByRole('option', { name: new RegExp(`^${name}`) }).click();
}

test('a run is evaluated on tasks beside its base, and a model alone', async ({ app }) => {
  const { window } = app;
  await openStories(window);
  await goToStep(window, 'Ranks');
  await analyse(window);
  await goToStep(window, 'Train');
  await setNumber(window, 'Steps', 4);
  await startTraining(window);
  await trainingEnds(window);

  await window.getByRole('tab', { name: 'Tasks' }).click();
  await chooseTask(window, 'E2E');
  await setNumber(window, 'Questions', 4);
  await window.getByRole('button', { name: 'Evaluate', exact: true }).click();
  const results = window.getByRole('table', { name: 'Results' });
  await expect(results).toBeVisible({ timeout: 90_000 });
  await expect(results.getByRole('columnheader')).toHaveText(['Model', 'BLEU', 'NIST', 'METEOR', 'ROUGE-L', 'CIDEr']);
  await expect(results.getByRole('row')).toHaveCount(3);
  await expect(results.getByRole('row', { name: /^Tuned / })).toContainText(/\d\.\d{3}/);

  await chooseTask(window, 'ARC-e');
  await expect(results).toHaveCount(0);
  await window.getByRole('radio', { name: 'The most probable choice' }).click();
  await window.getByRole('button', { name: 'Evaluate', exact: true }).click();
  await expect(results.getByRole('row', { name: /^Base / })).toContainText(/\d of 4.*% to \d+/, { timeout: 90_000 });
  await expect(window.getByText('these questions cannot tell the two apart')).toBeVisible();
  expect(await seriousFindings(window)).toEqual([]);
  await app.screenshot('tasks');

  await chooseTask(window, 'PIQA');
  await expect(window.getByText('PIQA does not come with the app', { exact: false })).toBeVisible();
  await expect(window.getByRole('button', { name: 'Evaluate', exact: true })).toBeDisabled();

  await window.getByRole('button', { name: 'Chat', exact: true }).click();
  await window.getByRole('radio', { name: 'Evaluate on a task' }).click();
  await chooseTask(window, 'GSM8K');
  await setNumber(window, 'Questions', 50);
  await window.getByRole('button', { name: 'Evaluate', exact: true }).click();
  await expect(window.getByRole('progressbar')).toBeVisible();
  await window.getByRole('button', { name: 'Cancel' }).click();
  await expect(window.getByRole('button', { name: 'Evaluate', exact: true })).toBeEnabled({ timeout: 30_000 });
  await expect(window.getByRole('alert')).toHaveCount(0);
  await expect(results).toHaveCount(0);
});
