/** Whether a training fits is told before it starts, with what to do; and what it took stands beside what was expected. */
import { expect, test, type LaunchedApp } from './support/app.ts';
import {
  analyse,
  goToStep,
  openStories,
  setNumber,
  setUpTooMuch,
  startTraining,
  trainingEnds,
} from './support/wizard.ts';

async function trainStep({ window }: LaunchedApp): Promise<void> {
  await openStories(window);
  await goToStep(window, 'Ranks');
  await analyse(window);
  await goToStep(window, 'Train');
}

test('memory, disk and their parts are numbers before the start; after the run they stand beside what was measured', async ({
  app,
}) => {
  const { window } = app;
  await trainStep(app);
  const needs = window.getByRole('region', { name: 'What it takes' });
  for (const name of [
    'Weights',
    'Activations',
    'Adapter',
    'Optimizer',
    'Engine',
    'While evaluating',
    'While saving',
    'Checkpoints',
  ]) {
    await expect(needs.getByText(name, { exact: true })).toBeVisible();
  }
  await expect(needs.getByText('Fits', { exact: true })).toHaveCount(2);
  await app.screenshot('needs');
  await setNumber(window, 'Steps', 6);
  await startTraining(window);
  await trainingEnds(window);
  const took = window.getByRole('table', { name: 'Expected and measured' });
  await expect(took.getByRole('row', { name: /^Memory/ })).toHaveText(/[MG]iB.*[MG]iB/);
  await expect(took.getByRole('row', { name: /^Disk/ })).toHaveText(/[kM]B.*[kM]B/);
  await app.screenshot('took');
  await window.getByRole('button', { name: 'Runs', exact: true }).click();
  const grid = window.getByRole('grid', { name: 'Runs' });
  await grid.focus();
  await grid.press('Enter');
  await expect(window.getByRole('table', { name: 'Expected and measured' })).toBeVisible();
});

test('what does not fit is said, and smaller settings are proposed, shown with their price, and taken over by one click', async ({
  app,
  places,
}) => {
  const { window, electron } = app;
  const needs = await setUpTooMuch(window, electron, places.home);
  await app.screenshot('does-not-fit');
  await needs.getByRole('button', { name: 'Make it fit…' }).click();
  const dialog = window.getByRole('dialog', { name: 'Make it fit' });
  await expect(dialog.getByText(/^Rows at a time 50.?000 → /)).toBeVisible({ timeout: 60_000 });
  await expect(dialog.getByText('Comes to the same training.')).toBeVisible();
  await app.screenshot('make-it-fit');
  await dialog.getByRole('button', { name: 'Keep mine' }).click();
  // Nothing was changed by looking.
  await expect(needs.getByText('Does not fit', { exact: true }).first()).toBeVisible();
  await needs.getByRole('button', { name: 'Make it fit…' }).click();
  await dialog.getByRole('button', { name: 'Use these settings' }).click({ timeout: 60_000 });
  await expect(needs.getByText('Does not fit', { exact: true })).toHaveCount(0, { timeout: 60_000 });
});
