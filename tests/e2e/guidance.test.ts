/** What guides a person through the window: settings that travel as files. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seriousFindings } from './support/accessibility.ts';
import { expect, test } from './support/app.ts';
import { answerOpenDialogs } from './support/dialogs.ts';
import { saveInto } from './support/downloads.ts';
import { goToStep, openStories, setNumber, startTraining, trainingEnds } from './support/wizard.ts';

test('the settings of a run leave as a file without paths, and another computer takes them over', async ({
  app,
  launch,
  places,
}) => {
  const { window, electron } = app;
  await saveInto(electron, places.home);
  await openStories(window);
  await goToStep(window, 'Train');
  await setNumber(window, 'Steps', 5);
  await setNumber(window, 'Rows at a time', 3);
  await startTraining(window);
  await trainingEnds(window);
  await window.getByRole('button', { name: 'Runs', exact: true }).click();
  await window.getByRole('button', { name: /^Open / }).click();
  await window.locator('summary', { hasText: 'Settings' }).click();
  await window.getByRole('button', { name: 'Export settings…' }).click();
  const saved = (): string | undefined => readdirSync(places.home).find((name) => name.endsWith('.sara.json'));
  await expect.poll(saved).toBeDefined();
  const file = join(places.home, saved() ?? '');
  const text = readFileSync(file, 'utf8');
  expect(text).not.toContain(places.home);
  expect(JSON.parse(text)).toMatchObject({
    version: 1,
    model: 'stories260K',
    data: { file: 'train.jsonl' },
    training: { steps: 5, batchSize: 3 },
  });
  await app.close();

  const other = await launch();
  await other.window.getByRole('button', { name: 'Home', exact: true }).click();
  await openStories(other.window);
  await goToStep(other.window, 'Train');
  await setNumber(other.window, 'Steps', 40);
  await answerOpenDialogs(other.electron, file);
  await other.window.getByRole('button', { name: 'Import settings…' }).click();
  const notice = other.window.getByRole('region', { name: 'Notifications' });
  await expect(notice).toContainText('They were made for this model and these data.');
  await other.screenshot('settings-imported');
  await expect(other.window.getByRole('spinbutton', { name: 'Steps', exact: true })).toHaveValue('5');
  await expect(other.window.getByRole('spinbutton', { name: 'Rows at a time' })).toHaveValue('3');
  await expect(other.window.getByRole('button', { name: 'Train 5 steps' })).toBeVisible();
  await notice.getByRole('button', { name: 'Undo' }).click();
  await expect(other.window.getByRole('spinbutton', { name: 'Steps', exact: true })).toHaveValue('40');

  const wrong = join(places.home, 'wrong.sara.json');
  writeFileSync(wrong, text.replace('"batchSize": 3', '"batchSize": 0'));
  await answerOpenDialogs(other.electron, wrong);
  await other.window.getByRole('button', { name: 'Import settings…' }).click();
  await expect(notice).toContainText(/wrong\.sara\.json is not valid: training\.batchSize/);
  await expect(other.window.getByRole('spinbutton', { name: 'Steps', exact: true })).toHaveValue('40');
});

test('the tour leads a first user from the sample to a merged model, by the controls it marks alone', async ({
  app,
}) => {
  const { window } = app;
  const begun = Date.now();
  await window.getByRole('button', { name: 'Take the tour' }).click();
  const panel = window.getByRole('region', { name: 'Tour' });
  await expect(panel).toBeFocused();
  expect(await seriousFindings(window)).toEqual([]);
  const marked = window.locator('main [data-tour="here"]');
  const stop = async (heading: string): Promise<void> => {
    await expect(panel.getByRole('heading')).toContainText(heading, { timeout: 60_000 });
    await expect(marked).toHaveCount(1);
    await app.screenshot(`tour-${heading.toLowerCase().replaceAll(' ', '-')}`);
  };
  for (const heading of [
    'Open a sample',
    'Look at the model',
    'Look at what it learns from',
    'Let the app read the ranks',
  ]) {
    await stop(heading);
    await expect(marked).not.toHaveAttribute('aria-disabled', 'true');
    await marked.click();
  }
  await stop('Choose how much to train');
  await marked.press('ArrowRight');
  await window.keyboard.press('Control+Enter');
  await stop('Train');
  await marked.click();
  await stop('Watch it learn');
  await expect(window.getByRole('button', { name: 'Continue to merge' })).toBeVisible({ timeout: 120_000 });
  await stop('Watch it learn');
  await marked.click();
  for (const heading of ['Make a model of it', 'See the difference']) {
    await stop(heading);
    await expect(marked).not.toHaveAttribute('aria-disabled', 'true', { timeout: 60_000 });
    await marked.click();
  }
  await stop('That is the whole path');
  expect(Date.now() - begun).toBeLessThan(5 * 60_000);
  await panel.getByRole('button', { name: 'Finish' }).click();
  await expect(panel).toBeHidden();
  await window.getByRole('button', { name: 'Home', exact: true }).click();
  await expect(window.getByText('New here?')).toBeHidden();
});

test('the tour can be left with Escape and recalled from the Help menu, where the project stands', async ({ app }) => {
  const { window, electron } = app;
  await window.getByRole('button', { name: 'Not now' }).click();
  await expect(window.getByText('New here?')).toBeHidden();
  await openStories(window);
  await goToStep(window, 'Data');
  const recall = async (): Promise<void> =>
    electron.evaluate(({ Menu }) => {
      Menu.getApplicationMenu()?.getMenuItemById('tour')?.click();
    });
  await recall();
  const panel = window.getByRole('region', { name: 'Tour' });
  await expect(panel.getByRole('heading')).toContainText('Look at what it learns from');
  await window.getByRole('button', { name: 'Chat', exact: true }).click();
  await panel.getByRole('button', { name: 'Show me where' }).click();
  await expect(window.getByRole('button', { name: 'Continue to ranks' })).toBeFocused();
  await recall();
  await expect(panel).toBeFocused();
  await window.keyboard.press('Tab');
  await window.keyboard.press('Escape');
  await expect(panel).toBeHidden();
  await expect(window.getByRole('main')).toBeFocused();
});

test('a change of a setting tells at once what it does to memory and adapter', async ({ app: { window } }) => {
  await openStories(window);
  await goToStep(window, 'Train');
  const line = window.getByTestId('consequence');
  await expect(line).toHaveText('What a change of a setting does is shown here.');
  await expect(window.getByRole('button', { name: /^Train \d+ steps$/ })).toBeVisible({ timeout: 60_000 });
  await setNumber(window, 'Rows at a time', 64);
  await expect(line).toContainText(/memory .+ → .+/);
  await window.getByRole('radio', { name: /^Smallest adapter/ }).click();
  await expect(line).toContainText(/trainable .+ → .+ · adapter .+ → .+/);
});
