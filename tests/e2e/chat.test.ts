/** What is promised of chat: columns of any weights, settings of sampling, judgements that stay, batches, export. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { seriousFindings } from './support/accessibility.ts';
import { expect, test } from './support/app.ts';
import { saveInto } from './support/downloads.ts';
import { setSystemTheme, themes } from './support/theme.ts';
import { goToStep, openStories, setNumber, startTraining, trainingEnds } from './support/wizard.ts';

async function chooseOption(window: Page, select: RegExp, option: RegExp): Promise<void> {
  await window.getByRole('combobox', { name: select }).click();
  await window.getByRole('option', { name: option }).click();
}
async function answered(window: Page, count: number): Promise<void> {
  const answers = window.getByRole('log').getByRole('article');
  await expect(answers).toHaveCount(count, { timeout: 60_000 });
  await expect(window.getByRole('log').locator('article[aria-busy=true]')).toHaveCount(0, { timeout: 120_000 });
}

test('columns of a run answer side by side; what was thought of the answers is kept and exported', async ({
  launch,
  places,
}) => {
  test.setTimeout(480_000);
  const app = await launch();
  const { window, electron } = app;
  await openStories(window);
  await goToStep(window, 'Train');
  await setNumber(window, 'Steps', 12);
  await setNumber(window, 'Evaluate every', 6);
  await startTraining(window, 120_000);
  await trainingEnds(window, 180_000);
  await window.getByRole('navigation', { name: 'Main navigation' }).getByRole('button', { name: 'Chat' }).click();
  await setNumber(window, 'Longest answer', 16);

  await test.step('Three columns: base, best, and the checkpoint of a step', async () => {
    await window.getByRole('button', { name: 'Add a column' }).click();
    await chooseOption(window, /^Which weights answer in column 3/, /^Step 6$/);
    await window.getByRole('textbox', { name: 'Question' }).fill('name: The Punter, eatType: pub');
    await window.keyboard.press('Enter');
    await answered(window, 3);
    for (const name of ['Base', 'Tuned', 'Step 6']) {
      await expect(window.getByRole('article', { name, exact: true })).toContainText('tokens/s');
    }
    const texts = await window.getByRole('article').locator('.text').allInnerTexts();
    expect(texts[0]).not.toBe(texts[1]);
  });

  await test.step('A stop text ends an answer before it', async () => {
    const tuned = await window.getByRole('article', { name: 'Tuned' }).locator('.text').innerText();
    const word = tuned.trim().split(' ')[1] ?? '';
    await window.getByRole('textbox', { name: 'Stop texts' }).fill(word);
    await window.getByRole('button', { name: 'Clear' }).click();
    await window.getByRole('textbox', { name: 'Question' }).fill('name: The Punter, eatType: pub');
    await window.keyboard.press('Enter');
    await answered(window, 3);
    const cut = window.getByRole('article', { name: 'Tuned' });
    await expect(cut).toContainText('stop text reached');
    expect(tuned.startsWith(await cut.locator('.text').innerText())).toBe(true);
    expect(await cut.locator('.text').innerText()).not.toContain(word);
    await window.getByRole('textbox', { name: 'Stop texts' }).fill('');
  });

  await test.step('Held-out rows are asked in a batch', async () => {
    await setNumber(window, 'How many', 2);
    await window.getByRole('button', { name: 'Ask them' }).click();
    await answered(window, 9);
    await expect(window.getByText('Answer in the data')).toHaveCount(2);
  });

  await test.step('Answers are rated and noted', async () => {
    const answer = window.getByRole('article', { name: 'Tuned' }).last();
    await answer.getByRole('button', { name: 'Good answer' }).click();
    await expect(answer.getByRole('button', { name: 'Good answer' })).toHaveAttribute('aria-pressed', 'true');
    await answer.getByRole('button', { name: 'Note on this answer' }).click();
    await answer.getByRole('textbox').fill('Names the place.');
    await answer.getByRole('textbox').blur();
    await expect(answer).toContainText('Names the place.');
    for (const theme of themes) {
      await setSystemTheme(app, theme);
      expect(await seriousFindings(window)).toEqual([]);
      await app.screenshot(`chat-compare-${theme}`);
      await electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setSize(1024, 640));
      await app.screenshot(`chat-compare-${theme}-narrow`);
      await electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setSize(1360, 860));
    }
  });

  await test.step('The comparison is exported', async () => {
    await saveInto(electron, places.home);
    const saved = async (button: string, ending: string): Promise<string> => {
      await window.getByRole('button', { name: button }).click();
      const file = join(places.home, `comparison.${ending}`);
      await expect.poll(() => (existsSync(file) ? readFileSync(file, 'utf8').length : 0)).toBeGreaterThan(100);
      return readFileSync(file, 'utf8');
    };
    const markdown = await saved('Save as Markdown', 'md');
    expect(markdown).toContain('### Tuned (Good answer)');
    expect(markdown).toContain('Names the place.');
    const lines = (await saved('Save as JSONL', 'jsonl')).trimEnd().split('\n');
    expect(lines).toHaveLength(9);
    expect(lines.map((line) => JSON.parse(line) as object)).toContainEqual(
      expect.objectContaining({ column: 'Tuned', rating: 'up', note: 'Names the place.' }),
    );
  });
  await app.close();

  const { window: later } = await launch();
  await later.getByRole('navigation', { name: 'Main navigation' }).getByRole('button', { name: 'Chat' }).click();
  await chooseOption(later, /^Conversations kept/, /The Punter.*3 questions/);
  await answered(later, 9);
  const answer = later.getByRole('article', { name: 'Tuned' }).last();
  await expect(answer).toContainText('Names the place.');
  await expect(answer.getByRole('button', { name: 'Good answer' })).toHaveAttribute('aria-pressed', 'true');
});
