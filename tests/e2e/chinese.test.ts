/** 简体中文 in the real window: every view is translated, and its texts fit, also in the smallest window. */
import { en } from '../../src-renderer/text/en.ts';
import { zh } from '../../src-renderer/text/zh.ts';
import { expect, test } from './support/app.ts';
import { textsOf, textsThatDoNotFit } from './support/layout.ts';
import { callRoute } from './support/routes.ts';
import { analyse, openStories } from './support/wizard.ts';

/** English texts that have another wording in Chinese; those with numbers in them cannot be told by comparing. */
const untranslated = new Set(
  (Object.keys(en) as (keyof typeof en)[]).flatMap((key) => {
    const text: unknown = en[key];
    return typeof text === 'string' && text.length > 3 && zh[key] !== text ? [text] : [];
  }),
);
const named = (key: keyof typeof zh): string => zh[key] ?? key;
// Names are the same in both languages where they stand for files, formats and methods.
const sizes = [
  [1024, 640],
  [1360, 860],
] as const;

test('the window in Chinese leaves nothing in English and no text without room', async ({ app }) => {
  test.setTimeout(300_000);
  const { window, electron } = app;
  await openStories(window);
  await window.keyboard.press('Control+3');
  await analyse(window);
  await callRoute(window, 'settings.update', { language: 'zh' });
  await window.reload();
  await expect(window.locator('html')).toHaveAttribute('lang', /^zh/);
  const problems: string[] = [];
  const look = async (name: string): Promise<void> => {
    for (const [width, height] of sizes) {
      await electron.evaluate(
        ({ BrowserWindow }, size) => BrowserWindow.getAllWindows()[0]?.setContentSize(size[0], size[1]),
        [width, height] as const,
      );
      await window.waitForFunction((wanted) => innerWidth === wanted, width);
      problems.push(...(await textsThatDoNotFit(window)).map((text) => `${name}, ${width}: ${text}`));
      if (width === 1024) await app.screenshot(`chinese-${name}`);
    }
    const english = (await textsOf(window)).filter((text) => untranslated.has(text));
    problems.push(...english.map((text) => `${name}: in English: ${text}`));
  };
  const views = window.getByRole('navigation', { name: named('nav.label') }).getByRole('button');
  for (const view of ['home', 'runs', 'studies', 'sweeps', 'chat', 'settings', 'project'] as const) {
    await views.and(window.getByRole('button', { name: named(`nav.${view}`), exact: true })).click();
    await expect(window.getByRole('main')).toHaveAttribute('data-view', view);
    await window.waitForTimeout(500);
    await look(view);
  }
  const steps = window.getByRole('navigation', { name: named('wizard.path') }).getByRole('button');
  for (const [at, step] of ['model', 'data', 'ranks', 'train', 'merge'].entries()) {
    await steps.nth(at).click();
    await window.waitForTimeout(500);
    await look(step);
  }
  await window.keyboard.press('?');
  await expect(window.getByRole('dialog')).toBeVisible();
  await look('shortcuts');
  expect(problems).toEqual([]);
});
