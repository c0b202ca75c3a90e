/** What is promised of data, curves and chat where no other test looks: every format by drop, zoom, streaming, seeds. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test } from './support/app.ts';
import { goToStep, openStories, setNumber, startTraining, tableOf, trainingEnds } from './support/wizard.ts';

/** Drags a file or folder of the disk over the window and lets it go, as the system does. */
async function dropOn(page: Page, path: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver'] as const) {
    await session.send('Input.dispatchDragEvent', { type, x: 400, y: 300, data });
  }
  await expect(page.getByTestId('drop-target')).toBeVisible();
  await session.send('Input.dispatchDragEvent', { type: 'drop', x: 400, y: 300, data });
  await expect(page.getByTestId('drop-target')).toHaveCount(0);
  await session.detach();
}

test('files of every format and a folder of them are dropped on the window and recognised', async ({ app, places }) => {
  const { window } = app;
  await openStories(window);
  const answer = 'That is what everybody learns at school in the first year, and it is never forgotten again.';
  const rows = Array.from({ length: 24 }, (_, i) => ({
    prompt: `How much is ${i}?`,
    completion: `It is ${i}. ${answer}`,
  }));
  const file = (name: string, content: string): string => {
    writeFileSync(join(places.home, name), content);
    return join(places.home, name);
  };
  const text = rows.map(({ prompt, completion }) => `${prompt} ${completion}`).join('\n\n');
  const folder = join(places.home, 'both');
  mkdirSync(folder);
  for (const part of ['a', 'b']) writeFileSync(join(folder, `${part}.json`), JSON.stringify(rows));
  const parquet = join(places.home, 'rows.parquet');
  copyFileSync(join(import.meta.dirname, '..', 'golden', 'data', 'parquet', 'zstd.parquet'), parquet);
  const lines = rows.map((row) => JSON.stringify(row)).join('\n');
  const table = ['prompt,completion', ...rows.map(({ prompt, completion }) => `${prompt},"${completion}"`)].join('\n');
  for (const [path, lead, shown] of [
    [file('rows.jsonl', lines), '24 rows · JSONL', 'How much is 0?'],
    [file('rows.json', JSON.stringify(rows)), '24 rows · JSON', 'How much is 0?'],
    [file('rows.csv', table), '24 rows · CSV', 'How much is 0?'],
    [parquet, '39 rows · PARQUET', ''],
    [file('rows.txt', text), /rows? · (TXT|TEXT)/, 'How much is 0?'],
    [folder, '48 rows · FOLDER', 'How much is 0?'],
  ] as const) {
    await test.step(path, async () => {
      await dropOn(window, path);
      await expect(window.getByText(lead)).toBeVisible();
      const first = window.getByRole('option').first();
      await expect(first).toContainText(shown);
      await expect(first).toContainText('trained');
    });
  }
  await window.getByRole('tab', { name: /^Checks/ }).click();
  // All rows are there twice, and in one language.
  await expect(window.getByRole('heading', { name: '24 rows repeat earlier ones' })).toBeVisible();
  await expect(window.getByRole('row', { name: /^English 4\d/ })).toBeVisible();
  // Rows with the same question stay on one side, and every count of them is the same.
  const looked = await window.getByText(/^48 rows looked at/).innerText();
  const [, train = '', valid = ''] = /(\d+) to learn from, (\d+) held out/.exec(looked) ?? [];
  await expect(window.getByText(`${train} rows to learn from, ${valid} held out`)).toBeVisible();
  await expect(window.getByRole('img', { name: /Histogram of row lengths/ })).toBeVisible();
});

test('a curve is zoomed by drag and by key, smoothed, and shown whole again', async ({ app }) => {
  test.setTimeout(240_000);
  const { window } = app;
  await openStories(window);
  await goToStep(window, 'Train');
  await setNumber(window, 'Steps', 40);
  await startTraining(window);
  await trainingEnds(window, 180_000);
  const chart = window.getByRole('region', { name: 'Loss', exact: true });
  const whole = await tableOf(window, 'Loss');
  const canvas = chart.locator('canvas');
  const picture = async (): Promise<string> => canvas.evaluate((element: HTMLCanvasElement) => element.toDataURL());
  const before = await picture();
  const box = await canvas.boundingBox();
  if (box === null) throw new Error('The chart is not in the window.');
  const y = box.y + box.height / 2;
  await window.mouse.move(box.x + box.width * 0.3, y);
  await window.mouse.down();
  await window.mouse.move(box.x + box.width * 0.6, y, { steps: 8 });
  await window.mouse.up();
  const reset = chart.getByRole('button', { name: 'Reset zoom' });
  await expect(reset).toBeVisible();
  expect(await picture()).not.toBe(before);
  await reset.click();
  await expect(reset).toHaveCount(0);
  await canvas.dblclick();
  await chart.getByRole('application').focus();
  await window.keyboard.press('+');
  await expect(reset).toBeVisible();
  await window.keyboard.press('0');
  await expect(reset).toHaveCount(0);
  const smoothing = chart.getByRole('slider', { name: 'Smoothing' });
  const rough = await picture();
  await smoothing.focus();
  await window.keyboard.press('End');
  await expect.poll(picture).not.toBe(rough);
  // What is saved and read as a table are the values, not the smoothed line.
  expect(await tableOf(window, 'Loss')).toEqual(whole);
});

test('answers stream, can be stopped, and are the same again with the same seed', async ({ app }) => {
  test.setTimeout(240_000);
  const { window } = app;
  await openStories(window);
  await window.getByRole('navigation', { name: 'Main navigation' }).getByRole('button', { name: 'Chat' }).click();
  const ask = async (): Promise<void> => {
    await window.getByRole('textbox', { name: 'Question' }).fill('Once upon a time');
    await window.keyboard.press('Enter');
  };
  const answer = window.getByRole('log').getByRole('article').last();
  const text = async (): Promise<string> => answer.locator('.text').innerText();

  await setNumber(window, 'Longest answer', 400);
  const grown = whileItGrows(window);
  await ask();
  const [early = '', later = ''] = await grown;
  expect(later.length).toBeGreaterThan(early.length);
  expect(later.startsWith(early)).toBe(true);
  await expect(answer).toContainText('stopped', { timeout: 30_000 });
  await expect(window.getByRole('textbox', { name: 'Question' })).toBeFocused();

  await setNumber(window, 'Longest answer', 16);
  await window.getByRole('slider', { name: 'Temperature' }).press('End');
  const drawn: string[] = [];
  for (const seed of [7, 7, 8]) {
    await setNumber(window, 'Seed', seed);
    await window.getByRole('button', { name: 'Clear' }).click();
    await ask();
    await expect(answer).toContainText('tokens/s', { timeout: 60_000 });
    drawn.push(await text());
  }
  expect(drawn[1]).toBe(drawn[0]);
  expect(drawn[2]).not.toBe(drawn[0]);
});

/**
 * Two texts of an answer that is being written, the second longer; then it is stopped. Watched inside the page: on a fast
 * machine all of it is over before a question from outside is answered.
 */
async function whileItGrows(window: Page): Promise<string[]> {
  return window.evaluate(
    () =>
      new Promise<string[]>((resolve) => {
        const seen: string[] = [];
        const observer = new MutationObserver(() => {
          const text = document.querySelector('[role=log] article[aria-busy=true] .text')?.textContent.trim() ?? '';
          if (text.length <= (seen.at(-1)?.length ?? 0)) return;
          seen.push(text);
          if (seen.length < 2) return;
          observer.disconnect();
          for (const button of document.querySelectorAll('button'))
            if (button.innerText.trim() === 'Stop') button.click();
          resolve(seen);
        });
        observer.observe(document.body, { subtree: true, childList: true, characterData: true });
      }),
  );
}
