/** The sample path in the packaged program: what is missing from the package, or cannot be read in it, shows here. */
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '../e2e/support/app.ts';
import { analyse, exportInto, openStories, setNumber, startTraining, trainingEnds } from '../e2e/support/wizard.ts';

const steps = 8;

test('the sample goes from its model to a merged folder that is verified', async ({ app, places }) => {
  const { window, electron } = app;
  const folder = join(places.home, 'merged');
  mkdirSync(folder);
  await openStories(window);
  await window.getByRole('button', { name: 'Continue to data' }).click();
  await window.getByRole('button', { name: 'Continue to ranks' }).click();
  await analyse(window);
  await window.getByRole('button', { name: 'Continue to training' }).click();
  await setNumber(window, 'Steps', steps);
  await startTraining(window);
  await trainingEnds(window);
  await window.getByRole('button', { name: 'Continue to merge' }).click();
  await exportInto(window, electron, folder);
  const checks = window.getByRole('region', { name: 'Proven' }).getByRole('listitem');
  for (const check of await checks.all()) await expect(check).toContainText('passed:');
  expect(readdirSync(folder)).toEqual(
    expect.arrayContaining(['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json']),
  );
  await app.screenshot('packaged-export');
});
