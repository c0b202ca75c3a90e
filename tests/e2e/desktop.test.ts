/** What belongs to the desktop: the native menu, recent files, what is told at the end, contrast and motion. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ElectronApplication } from '@playwright/test';
import { seriousFindings } from './support/accessibility.ts';
import { expect, test } from './support/app.ts';
import { answerOpenDialogs } from './support/dialogs.ts';
import { fact, goToStep, openStories, setNumber, startTraining } from './support/wizard.ts';

/** Whether an entry of the menu can be chosen. */
async function canChoose(electron: ElectronApplication, id: string): Promise<boolean | undefined> {
  return electron.evaluate(({ Menu }, name) => Menu.getApplicationMenu()?.getMenuItemById(name)?.enabled, id);
}

async function choose(electron: ElectronApplication, id: string): Promise<void> {
  await electron.evaluate(({ Menu }, name) => {
    Menu.getApplicationMenu()?.getMenuItemById(name)?.click();
  }, id);
}

/** The words of a submenu, hidden entries and separators left out. */
async function wordsOf(electron: ElectronApplication, id: string): Promise<string[]> {
  return electron.evaluate(
    ({ Menu }, name) =>
      Menu.getApplicationMenu()
        ?.getMenuItemById(name)
        ?.submenu?.items.map(({ label }) => label)
        .filter((label) => label !== '') ?? [],
    id,
  );
}

test('the menu offers what makes sense, steers a training, and its end is told when the window is left', async ({
  app,
}) => {
  const { window, electron } = app;
  for (const id of ['primary', 'pause', 'continue', 'checkpoint', 'stop', 'export-settings']) {
    await expect.poll(async () => canChoose(electron, id)).toBe(false);
  }
  await openStories(window);
  await expect.poll(async () => canChoose(electron, 'primary')).toBe(true);
  await choose(electron, 'primary');
  await expect(window.getByRole('heading', { name: 'train.jsonl' })).toBeVisible();
  await choose(electron, 'step-train');
  await setNumber(window, 'Steps', 2_000);
  await expect.poll(async () => canChoose(electron, 'export-settings')).toBe(true);
  await startTraining(window);
  await expect.poll(async () => canChoose(electron, 'pause')).toBe(true);
  await choose(electron, 'runs');
  await choose(electron, 'pause');
  await expect.poll(async () => canChoose(electron, 'continue')).toBe(true);
  expect(await canChoose(electron, 'pause')).toBe(false);
  await choose(electron, 'continue');
  await expect.poll(async () => canChoose(electron, 'pause')).toBe(true);

  await electron.evaluate(({ BrowserWindow, Notification }) => {
    const told: string[] = [];
    Object.assign(globalThis, { told });
    Notification.isSupported = () => true;
    Notification.prototype.show = function (this: Electron.Notification) {
      told.push(`${this.title}: ${this.body}`);
    };
    for (const each of BrowserWindow.getAllWindows()) each.isFocused = () => false;
  });
  await choose(electron, 'stop');
  const told = async (): Promise<string[]> =>
    electron.evaluate(() => (globalThis as unknown as { told: string[] }).told);
  await expect.poll(told, { timeout: 30_000 }).toEqual(['Training finished: Train stories260K on train.jsonl']);
  await expect.poll(async () => canChoose(electron, 'stop')).toBe(false);

  await electron.evaluate(({ BrowserWindow }) => {
    for (const each of BrowserWindow.getAllWindows()) each.isFocused = () => true;
  });
  await choose(electron, 'step-export');
  await expect.poll(async () => canChoose(electron, 'primary')).toBe(true);
  await choose(electron, 'primary');
  await expect(window.getByRole('heading', { name: 'Proven' })).toBeVisible({ timeout: 60_000 });
  expect(await told()).toHaveLength(1);
});

test('files that were opened are in the menu, in its language, also after a restart', async ({ launch, places }) => {
  const first = await launch();
  expect(await wordsOf(first.electron, 'recent')).toEqual(['Nothing Yet']);
  const file = join(places.home, 'my rows.jsonl');
  writeFileSync(
    file,
    Array.from({ length: 20 }, (_, i) => JSON.stringify({ prompt: `${i}`, completion: 'x' })).join('\n'),
  );
  await openStories(first.window);
  await answerOpenDialogs(first.electron, file);
  await choose(first.electron, 'open-data');
  await expect(first.window.getByRole('heading', { name: 'my rows.jsonl' })).toBeVisible();
  const expected = ['Models', 'stories260K', 'Data', 'my rows.jsonl', 'Clear the List'];
  await expect.poll(async () => wordsOf(first.electron, 'recent')).toEqual(expected);
  await first.window.getByRole('button', { name: 'Settings', exact: true }).click();
  await first.window.getByRole('radio', { name: '简体中文' }).click();
  await expect
    .poll(async () => wordsOf(first.electron, 'recent'))
    .toEqual(['模型', 'stories260K', '数据', 'my rows.jsonl', '清空列表']);
  await first.window.getByRole('radio', { name: 'English' }).click();
  await first.close();
  const { electron, window } = await launch();
  await expect(window.getByRole('heading', { name: 'Samples' })).toBeVisible();
  await expect.poll(async () => wordsOf(electron, 'recent')).toEqual(expected);
  await electron.evaluate(({ Menu }) => {
    const entries = Menu.getApplicationMenu()?.getMenuItemById('recent')?.submenu?.items ?? [];
    entries.find(({ label }) => label === 'my rows.jsonl')?.click();
  });
  await expect(window.getByRole('heading', { name: 'my rows.jsonl' })).toBeVisible();
});

test('high contrast is a choice, and follows what the system asks for; motion rests where it does', async ({ app }) => {
  const { window } = app;
  const root = window.locator('html');
  await window.getByRole('button', { name: 'Settings', exact: true }).click();
  await expect(root).toHaveAttribute('data-contrast', 'normal');
  await window.emulateMedia({ contrast: 'more' });
  await expect(root).toHaveAttribute('data-contrast', 'high');
  await window.emulateMedia({ contrast: null });
  await expect(root).toHaveAttribute('data-contrast', 'normal');
  await window.emulateMedia({ forcedColors: 'active' });
  await expect(root).toHaveAttribute('data-contrast', 'high');
  const here = window.getByRole('button', { name: 'Settings', exact: true });
  await expect(here).toHaveCSS('outline-style', 'solid');
  await app.screenshot('forced-colours-settings');
  await window.emulateMedia({ forcedColors: null });
  await window.getByRole('radio', { name: 'High', exact: true }).click();
  await expect(root).toHaveAttribute('data-contrast', 'high');
  await openStoriesAgain(window);
  for (const theme of ['Light', 'Dark'] as const) {
    await window.getByRole('button', { name: 'Settings', exact: true }).click();
    await window.getByRole('radio', { name: theme }).click();
    await expect(root).toHaveAttribute('data-theme', theme.toLowerCase());
    for (const view of ['Settings', 'Home', 'Project'] as const) {
      await window.getByRole('button', { name: view, exact: true }).click();
      expect(await seriousFindings(window)).toEqual([]);
      await app.screenshot(`high-contrast-${view.toLowerCase()}-${theme.toLowerCase()}`);
    }
    await goToStep(window, 'Train');
    await expect(root).toHaveAttribute('data-contrast', 'high');
    await expect(fact(window, 'Trainable')).toHaveText(/\d/);
    await app.screenshot(`high-contrast-train-${theme.toLowerCase()}`);
  }
  const duration = async (): Promise<string> =>
    window
      .getByRole('button', { name: 'Add to queue' })
      .evaluate((button) => getComputedStyle(button).transitionDuration);
  expect(Number.parseFloat(await duration())).toBeGreaterThan(0.05);
  await window.emulateMedia({ reducedMotion: 'reduce' });
  expect(Number.parseFloat(await duration())).toBeLessThan(0.001);
});

async function openStoriesAgain(window: Parameters<typeof openStories>[0]): Promise<void> {
  await window.getByRole('button', { name: 'Home', exact: true }).click();
  await openStories(window);
}
