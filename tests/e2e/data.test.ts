import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { seriousFindings } from './support/accessibility.ts';
import { expect, test, type LaunchedApp } from './support/app.ts';
import { answerOpenDialogs } from './support/dialogs.ts';
import { setSystemTheme, themes } from './support/theme.ts';
import { callRoute } from './support/routes.ts';
import { analyse, goToStep, openStories, setNumber, startTraining, trainingEnds } from './support/wizard.ts';

const results = join(import.meta.dirname, '..', '..', 'test-results');

/** Opens data beside the model of the sample. */
async function openData({ window, electron }: LaunchedApp, path: string, kind: 'file' | 'folder'): Promise<void> {
  await openStories(window);
  await goToStep(window, 'Data');
  await answerOpenDialogs(electron, path);
  await window.getByRole('button', { name: kind === 'file' ? 'Open another file…' : 'Open folder…' }).click();
}

/** Keeps pictures in both themes, wide and narrow, and says what axe finds in them. */
async function look(app: LaunchedApp, name: string): Promise<string[]> {
  const findings: string[] = [];
  for (const theme of themes) {
    await setSystemTheme(app, theme);
    findings.push(...(await seriousFindings(app.window)).map((finding) => `${name}, ${theme}: ${finding}`));
    await app.screenshot(`${name}-${theme}`);
  }
  await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setContentSize(1024, 640));
  await app.screenshot(`${name}-narrow`);
  await setSystemTheme(app, 'light');
  await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setContentSize(1440, 900));
  return findings;
}

const line = (prompt: string, completion: string): string => `${JSON.stringify({ prompt, completion })}\n`;
const story = (i: number): string =>
  line(`Tell a story about number ${i}.`, `Once upon a time there was a ${i}. The end.`);

test('a folder is opened as one data set, by dialog and by drop', async ({ app, places }) => {
  const { window } = app;
  const folder = join(places.home, 'shards');
  mkdirSync(folder);
  writeFileSync(join(folder, 'a.jsonl'), Array.from({ length: 30 }, (_, i) => story(i)).join(''));
  writeFileSync(join(folder, 'b.csv'), 'prompt,completion\nWho?,"Me, of course."\n');
  await openData(app, folder, 'folder');
  await expect(window.getByRole('heading', { name: 'shards' })).toBeVisible();
  await expect(window.getByText('31 rows · FOLDER')).toBeVisible();
  // What a drop of a folder comes to; the system's drag and drop cannot be driven by a test.
  expect(await callRoute(window, 'folder.kind', { path: folder })).toEqual({ kind: 'data' });
});

test('columns are mapped by dragging them, and by keyboard', async ({ app, places }) => {
  const { window } = app;
  const file = join(places.home, 'answers.csv');
  const rows = Array.from({ length: 12 }, (_, i) => `${i},How much is ${i}?,A sum of ${i}.,It is ${i}.`);
  writeFileSync(file, ['id,ask,hint,reply', ...rows].join('\n'));
  await openData(app, file, 'file');
  const zone = (role: string) => window.getByRole('group', { name: `Place for: ${role}` });
  const column = (name: string) => window.getByRole('list', { name: 'Columns of the data' }).getByText(name);
  await expect(column('ask')).toBeVisible();
  expect(await look(app, 'data-columns')).toEqual([]);
  await column('ask').dragTo(zone('Prompt'));
  await column('reply').dragTo(zone('Answer'));
  await expect(window.getByRole('option').first()).toContainText('How much is 0?');
  await zone('Context').getByRole('combobox').focus();
  await window.keyboard.press('Enter');
  await window.getByRole('option', { name: 'hint' }).click();
  await window.getByRole('tab', { name: 'As the model reads it' }).click();
  await expect(window.getByRole('tabpanel').last()).toContainText('A sum of 0.');
  await window.getByRole('radio', { name: 'Plain text' }).click();
  await zone('Text').getByRole('combobox').click();
  await window.getByRole('option', { name: 'reply' }).click();
  await expect(window.getByText('text of reply')).toBeVisible();
});

test('findings name their rows and are settled by leaving out or holding out; the run keeps the choice', async ({
  app,
  places,
}) => {
  const { window } = app;
  const file = join(places.home, 'train.jsonl');
  const rows = Array.from({ length: 40 }, (_, i) => story(i));
  writeFileSync(file, [...rows, rows[3], line('', 'No question here at all, sorry.')].join(''));
  // Row 3 of training asks the same, but for a sign.
  const held = join(places.home, 'held.jsonl');
  writeFileSync(held, line('Tell a story about number 2!', 'A story.') + line('Who is there?', 'Nobody.'));
  await openData(app, file, 'file');
  await expect(window.getByText(/^\d+ rows to learn from/)).toBeVisible();
  await answerOpenDialogs(app.electron, held);
  await window.getByRole('radio', { name: 'A file' }).click();
  await window.getByRole('tab', { name: /^Checks/ }).click();
  await expect(window.getByRole('heading', { name: '1 row repeats an earlier one' })).toBeVisible();
  await expect(window.getByText(/^44 rows looked at: 42 to learn from, 2 held out/)).toBeVisible();
  const leaks = window.getByRole('listitem').filter({ hasText: 'typing aside' });
  await expect(leaks).toBeVisible();
  expect(await look(app, 'data-checks')).toEqual([]);
  await leaks.getByRole('radio', { name: 'Hold out' }).click();
  const repeats = window.getByRole('listitem').filter({ hasText: '1 row repeats an earlier one' }).first();
  await repeats.getByRole('radio', { name: 'Leave out' }).click();
  await expect
    .poll(async () => (await callRoute(window, 'project.get', {})).data)
    .toMatchObject({ drop: ['duplicates'], move: ['leaks'] });
  await expect(window.getByText(/^40 rows, .* trained tokens an epoch$/)).toBeVisible();
  // A row of a finding is shown in the list, and can be left out by itself.
  await repeats.getByRole('button', { name: 'Row 41' }).click();
  await expect(window.getByRole('option', { selected: true })).toContainText('Row 41');
  await window.getByRole('button', { name: 'Leave this row out' }).click();
  await expect(window.getByRole('option', { selected: true })).toContainText('left out');
  await expect.poll(async () => (await callRoute(window, 'project.get', {})).data?.dropRows).toEqual([41]);
});

test('templates are chosen and written with the rows rendered at once; answers that never end are refused', async ({
  app,
}) => {
  const { window } = app;
  await openStories(window);
  await goToStep(window, 'Data');
  await window.getByRole('tab', { name: 'As the model reads it' }).click();
  const rendered = window.getByRole('tabpanel').last();
  const template = window.getByRole('combobox', { name: /^Template/ });
  await template.click();
  await window.getByRole('option', { name: /^Alpaca/ }).click();
  await expect(rendered).toContainText('### Instruction:');
  await template.click();
  await window.getByRole('option', { name: /^Your own/ }).click();
  const source = window.getByRole('textbox', { name: 'Template (Jinja)' });
  await source.fill("{% for m in messages %}[{{ m['role'] }}] {{ m['content'] }} {% endfor %}");
  await source.blur();
  await expect(rendered).toContainText('[user]');
  expect(await look(app, 'data-template')).toEqual([]);
  await template.click();
  await window.getByRole('option', { name: /^Plain/ }).click();
  const length = window.getByLabel('Sequence length', { exact: true });
  await length.fill('40');
  await length.blur();
  const next = window.getByRole('button', { name: 'Continue to ranks' });
  await expect(window.getByRole('alert')).toContainText(/No row carries|cut off before its end/);
  await expect(next).toHaveAttribute('aria-disabled', 'true');
});

test('a run shows its best and worst held-out rows and what it forgot', async ({ app }) => {
  test.setTimeout(240_000);
  const { window } = app;
  await openStories(window);
  await goToStep(window, 'Ranks');
  await analyse(window, 60_000);
  await goToStep(window, 'Train');
  await setNumber(window, 'Steps', 20);
  await setNumber(window, 'Evaluate every', 5);
  await startTraining(window, 60_000);
  await trainingEnds(window, 120_000);
  await window.getByRole('tab', { name: 'Held-out rows' }).click();
  await expect(window.getByText(/^On a neutral text its perplexity changed by/)).toBeVisible();
  await expect(window.getByText(/^20 of \d+ held-out rows, after step \d+/)).toBeVisible();
  await expect(window.locator('.tokens .judged').first()).toBeVisible();
  const first = window.locator('ol h3').first();
  const worst = await first.innerText();
  expect(await look(app, 'held-out-rows')).toEqual([]);
  await window.getByRole('radio', { name: 'Best', exact: true }).click();
  await expect(first).not.toHaveText(worst);
});

test('a million rows are scrolled, searched and jumped through; frames are recorded', async ({ app, places }) => {
  test.setTimeout(400_000);
  const { window } = app;
  const rows = 1_000_000;
  const file = join(places.home, 'million.jsonl');
  const out = openSync(file, 'w');
  for (let from = 0; from < rows; from += 10_000) {
    writeSync(out, Array.from({ length: 10_000 }, (_, i) => story(from + i)).join(''));
  }
  closeSync(out);
  const begun = Date.now();
  await openData(app, file, 'file');
  await expect(window.getByText('1,000,000 rows', { exact: false }).first()).toBeVisible({ timeout: 120_000 });
  const option = window.getByRole('option', { selected: true });
  await expect(option).toContainText('trained', { timeout: 60_000 });
  const readSeconds = (Date.now() - begun) / 1000;
  const list = window.getByRole('listbox', { name: 'Rows' });
  await list.focus();
  await window.keyboard.press('End');
  await expect(option).toContainText('Row 1,000,000', { timeout: 20_000 });
  const frames = await list.evaluate(async (scroller) => {
    const gaps: number[] = [];
    let last = performance.now();
    const end = last + 4000;
    let at = 0;
    await new Promise<void>((resolve) => {
      const frame = (now: number): void => {
        gaps.push(now - last);
        last = now;
        at = (at + 137_931) % scroller.scrollHeight;
        scroller.scrollTop = at;
        if (now < end) requestAnimationFrame(frame);
        else resolve();
      };
      requestAnimationFrame(frame);
    });
    const sorted = gaps.toSorted((a, b) => a - b);
    const quantile = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
    return { frames: gaps.length, median: quantile(0.5), p95: quantile(0.95), longest: quantile(1) };
  });
  const searched = Date.now();
  await window.getByRole('textbox', { name: 'Search the rows' }).fill('number 777777.');
  await expect(window.getByText('1 of 1,000,000 rows')).toBeVisible({ timeout: 60_000 });
  const searchSeconds = (Date.now() - searched) / 1000;
  await expect(window.getByRole('option', { selected: true })).toContainText('Row 777,778');
  await expect(window.locator('.tokens .trained').first()).toBeVisible();
  await expect(window.getByText(/^Counted on 16000 rows|^Counted on/)).toBeVisible({ timeout: 120_000 });
  const lengthSeconds = (Date.now() - begun) / 1000;
  mkdirSync(results, { recursive: true });
  const record = { rows, readSeconds, searchSeconds, lengthSeconds, ...frames };
  writeFileSync(join(results, 'million-rows.json'), `${JSON.stringify(record, null, 2)}\n`);
  await app.screenshot('data-million');
});
