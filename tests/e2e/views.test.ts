import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { seriousFindings } from './support/accessibility.ts';
import { expect, test } from './support/app.ts';
import { answerOpenDialogs } from './support/dialogs.ts';

async function openStories(window: Page): Promise<void> {
  await window.getByRole('button', { name: 'Open Tiny stories' }).click();
  await expect(window.getByRole('heading', { name: 'stories260K' })).toBeVisible();
}

async function chooseTheme(window: Page, theme: 'Light' | 'Dark'): Promise<void> {
  await window.getByRole('button', { name: 'Settings', exact: true }).click();
  await window.getByRole('radio', { name: theme }).click();
  await expect(window.locator('html')).toHaveAttribute('data-theme', theme.toLowerCase());
}

/** Walks over the views and calls `look` at each once its content is there. */
async function visit(window: Page, look: (name: string) => Promise<void>): Promise<void> {
  await window.getByRole('button', { name: 'Home', exact: true }).click();
  await expect(window.getByRole('heading', { name: 'Samples' })).toBeVisible();
  await look('home');
  await window.keyboard.press('Control+1');
  await expect(window.getByRole('img', { name: /weight matrices of a layer/ })).toBeVisible();
  await look('model');
  await window.keyboard.press('Control+2');
  await expect(window.getByRole('option', { selected: true })).toContainText('trained');
  await expect(window.getByRole('img', { name: /Histogram of row lengths/ })).toBeVisible();
  await look('data');
  await window.getByRole('button', { name: 'Settings', exact: true }).click();
  await expect(window.getByText('Computes on')).toBeVisible();
  await look('settings');
}

test('home, model, data and settings have no serious accessibility finding in either theme', async ({ app }) => {
  const { window } = app;
  await openStories(window);
  const findings: string[] = [];
  for (const theme of ['Light', 'Dark'] as const) {
    await chooseTheme(window, theme);
    await visit(window, async (name) => {
      findings.push(...(await seriousFindings(window)).map((finding) => `${theme} ${name}: ${finding}`));
      await app.screenshot(`${name}-${theme.toLowerCase()}`);
    });
  }
  expect(findings).toEqual([]);
});

// Would catch: a colouring that disagrees with what training does.
test('the tokens marked as trained are those that carry loss, and all rows are shown three ways', async ({ app }) => {
  const { window } = app;
  await openStories(window);
  await window.getByRole('button', { name: 'Continue to data' }).click();
  const row = window.getByRole('option', { selected: true });
  await expect(row).toContainText(/\d+ tokens · \d+ trained/);
  const [, tokens, trained] = /(\d+) tokens · (\d+) trained/.exec(await row.innerText()) ?? [];
  await expect(window.locator('.tokens .token')).toHaveCount(Number(tokens));
  await expect(window.locator('.tokens .trained')).toHaveCount(Number(trained));
  const answer = (await window.locator('.tokens .trained').allInnerTexts()).join('').replace('</s>', '').trim();
  await window.getByRole('tab', { name: 'As in the file' }).click();
  await expect(window.locator('dd', { hasText: answer })).toBeVisible();
  await window.getByRole('tab', { name: 'As the model reads it' }).click();
  await expect(window.getByRole('tabpanel').last()).toContainText(answer);
});

test('the wizard can be walked by keyboard, and the list of shortcuts gives the focus back', async ({ app }) => {
  const { window } = app;
  await openStories(window);
  await window.getByRole('button', { name: 'Continue to data' }).focus();
  await window.keyboard.press('Control+Enter');
  await expect(window.getByRole('heading', { name: 'train.jsonl' })).toBeFocused();
  const list = window.getByRole('listbox', { name: 'Rows' });
  await expect(window.getByRole('option', { selected: true })).toContainText('trained');
  await list.focus();
  await window.keyboard.press('End');
  await expect(window.getByRole('option', { selected: true })).toContainText('Row 400');
  await window.keyboard.press('Alt+KeyH');
  await expect(window.getByRole('heading', { name: 'Samples' })).toBeVisible();
  await window.getByRole('button', { name: 'Open data file…' }).focus();
  await window.keyboard.press('?');
  await expect(window.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  expect(await seriousFindings(window)).toEqual([]);
  await window.keyboard.press('Escape');
  await expect(window.getByRole('dialog')).toHaveCount(0);
  await expect(window.getByRole('button', { name: 'Open data file…' })).toBeFocused();
});

test('a project comes back as it was left when the app starts again', async ({ launch }) => {
  const first = await launch();
  await openStories(first.window);
  await first.window.keyboard.press('Control+2');
  const length = first.window.getByLabel('Sequence length', { exact: true });
  await length.fill('128');
  await length.press('Enter');
  await length.blur();
  await expect(first.window.getByText(/^\d+ rows? (is|are) cut/)).toBeVisible();
  await first.close();
  const second = await launch();
  await second.window.getByRole('button', { name: 'Continue' }).click();
  await expect(second.window.getByLabel('Sequence length', { exact: true })).toHaveValue('128');
});

test('rows that cannot be used are named, and the step waits until they are skipped', async ({ app, places }) => {
  const { window, electron } = app;
  const file = join(places.home, 'answers.csv');
  const rows = Array.from({ length: 12 }, (_, i) => `${i},How much is ${i}?,It is ${i}.`);
  writeFileSync(file, ['id,ask,reply', ...rows.slice(0, 4), '99,too,many,cells', ...rows.slice(4)].join('\n'));
  await openStories(window);
  await window.keyboard.press('Control+2');
  await answerOpenDialogs(electron, file);
  await window.getByRole('button', { name: 'Open another file…' }).click();
  await expect(window.getByText('Which columns are the prompt and the answer?')).toBeVisible();
  await app.screenshot('data-mapping');
  await window.getByRole('combobox', { name: /^Prompt/ }).click();
  await window.getByRole('option', { name: 'ask' }).click();
  await window.getByRole('combobox', { name: /^Answer/ }).click();
  await window.getByRole('option', { name: 'reply' }).click();
  await expect(window.getByText('1 row cannot be used', { exact: true })).toBeVisible();
  const next = window.getByRole('button', { name: 'Continue to ranks' });
  await expect(next).toHaveAttribute('aria-disabled', 'true');
  await window.getByRole('button', { name: 'Show them' }).click();
  await expect(window.getByRole('row', { name: /^6 / })).toBeVisible();
  await app.screenshot('data-problems');
  expect(await seriousFindings(window)).toEqual([]);
  await window.getByRole('switch', { name: 'Skip these rows' }).click();
  await expect(next).not.toHaveAttribute('aria-disabled');
  await expect(window.getByRole('option').first()).toContainText('How much is 0?');
});

test('a file that is no model is refused with what is safe and what to do', async ({ app, places }) => {
  const { window, electron } = app;
  const file = join(places.home, 'broken.gguf');
  writeFileSync(file, 'GGUF and nothing more');
  await answerOpenDialogs(electron, file);
  await window.getByRole('button', { name: 'Open GGUF file…' }).click();
  const notice = window.getByRole('alert');
  await expect(notice).toContainText('GGUF_INVALID');
  await expect(notice).toContainText('broken.gguf');
  await expect(notice).toContainText('What to do');
  await app.screenshot('model-refused');
  await expect(window.getByRole('button', { name: 'Continue to data' })).toHaveAttribute('aria-disabled', 'true');
});
