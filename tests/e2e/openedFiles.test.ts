/** What the system opens with the app: files that are named at its start, by a first or a second one; and what it says of itself. */
import { spawn } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { goldenPath } from '../support/goldenPath.ts';
import { seriousFindings } from './support/accessibility.ts';
import { expect, test } from './support/app.ts';
import { setSystemTheme, themes } from './support/theme.ts';

test('a file that is opened with the app is inspected, one that comes later too', async ({ launch, places }) => {
  const first = join(places.home, 'first.gguf');
  const second = join(places.home, 'a second.safetensors');
  cpSync(goldenPath('llama', 'base-f32.gguf'), first);
  cpSync(goldenPath('qwen2', 'model', 'model.safetensors'), second);
  const { window, electron } = await launch(first);
  await expect(window.getByRole('heading', { name: 'first.gguf' })).toBeVisible();
  await expect(window.getByRole('listbox', { name: 'Tensors' }).getByRole('option').first()).toContainText('F32');
  // As the system starts the program again for a double click; the second one tells the first and ends.
  const [program = '', ...parameters] = electron.process().spawnargs;
  const again = spawn(
    program,
    [...parameters.filter((text) => !/inspect|debugging/.test(text) && text !== first), second],
    {
      env: { ...process.env, SARA_HOME: places.home, SARA_CACHE: places.cache },
      stdio: 'ignore',
    },
  );
  await expect(window.getByRole('heading', { name: 'a second.safetensors' })).toBeVisible({ timeout: 20_000 });
  await expect.poll(() => again.exitCode).toBe(0);
});

test('Help tells versions and licences', async ({ app }) => {
  const { window, electron } = app;
  await expect(window.getByRole('heading', { name: 'Samples' })).toBeVisible();
  await electron.evaluate(({ Menu }) => {
    const help = Menu.getApplicationMenu()?.items.find(({ role }) => role === 'help');
    help?.submenu?.items.find(({ label }) => label === 'About SARA Studio')?.click();
  });
  const about = window.getByRole('dialog', { name: 'About SARA Studio' });
  await expect(about).toContainText(/Electron \d+\.\d+/);
  await expect(about.getByRole('button', { name: 'Show licences' })).toBeVisible();
  for (const theme of themes) {
    await setSystemTheme(app, theme);
    expect(await seriousFindings(window)).toEqual([]);
    await app.screenshot(`about-${theme}`);
  }
  await about.getByRole('button', { name: 'Close', exact: true }).last().click();
  await expect(about).toBeHidden();
});
