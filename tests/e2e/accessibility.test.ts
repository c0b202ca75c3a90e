/** Everyone can use it: no serious finding of axe in any view, light or dark, and the whole path by keyboard alone. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { seriousFindings } from './support/accessibility.ts';
import { expect, test, type LaunchedApp } from './support/app.ts';
import { answerOpenDialogs } from './support/dialogs.ts';
import { tourOfTheRest } from './support/moreViews.ts';
import { setSystemTheme, themes } from './support/theme.ts';
import { storiesTour, tour, type Look } from './support/tour.ts';

/** Notes what axe finds in a state, in both themes. */
function looking(app: LaunchedApp, findings: string[], seen: string[]): Look {
  return async (name) => {
    for (const theme of themes) {
      await setSystemTheme(app, theme);
      const found = await seriousFindings(app.window, theme === 'light' ? undefined : 'colours');
      findings.push(...found.map((finding) => `${name}, ${theme}: ${finding}`));
    }
    seen.push(name);
  };
}

for (const [walk, states, go] of [
  ['the path', 31, async (app, places, look) => tour(app, places, look, storiesTour)],
  ['the rest', 34, tourOfTheRest],
] as const satisfies readonly (readonly [string, number, typeof tourOfTheRest])[]) {
  test(`no view or state of ${walk} has a serious accessibility finding, light or dark`, async ({ app, places }) => {
    test.setTimeout(900_000);
    const findings: string[] = [];
    const seen: string[] = [];
    await go(app, places, looking(app, findings, seen));
    expect(seen.length).toBeGreaterThanOrEqual(states);
    expect(findings).toEqual([]);
  });
}

/** Presses Tab until a thing has the focus; a person would give up after so many. */
async function tabTo(window: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible({ timeout: 60_000 });
  for (let presses = 0; presses < 60; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await window.keyboard.press('Tab');
  }
  throw new Error(`The focus does not come to ${String(target)}.`);
}

async function tabToAndPress(window: Page, target: Locator, key = 'Enter'): Promise<void> {
  await expect(target).not.toHaveAttribute('aria-disabled', 'true', { timeout: 60_000 });
  await tabTo(window, target);
  await window.keyboard.press(key);
}

test('the whole path can be gone with Tab, Enter and the arrow keys alone', async ({ app, places }) => {
  const { window, electron } = app;
  const button = (name: string | RegExp): Locator => window.getByRole('button', { name });
  await tabToAndPress(window, button('Open Tiny stories'));
  await tabToAndPress(window, button('Continue to data'));

  await tabTo(window, window.getByRole('listbox', { name: 'Rows' }));
  await expect(window.getByRole('option', { selected: true })).toContainText('trained');
  await window.keyboard.press('ArrowDown');
  await expect(window.getByRole('option', { selected: true })).toContainText('Row 2');
  await tabToAndPress(window, window.getByRole('tab', { name: 'As tokens' }), 'ArrowRight');
  await expect(window.getByRole('tab', { name: 'As the model reads it' })).toHaveAttribute('aria-selected', 'true');
  await tabToAndPress(window, button('Continue to ranks'));

  await tabToAndPress(window, button(/^Analyse \d+ matrices$/));
  await expect(button('Continue to training')).toBeVisible({ timeout: 60_000 });
  const grid = window.getByRole('grid', { name: /^Rank map/ });
  const cell = window.getByRole('gridcell');
  await tabTo(window, grid);
  await expect(cell).toContainText('layers.0.self_attn.q_proj');
  for (const [key, name] of [
    ['ArrowRight', 'layers.0.self_attn.k_proj'],
    ['ArrowDown', 'layers.1.self_attn.k_proj'],
    ['End', 'layers.1.mlp.down_proj'],
    ['ArrowUp', 'layers.0.mlp.down_proj'],
    ['Home', 'layers.0.self_attn.q_proj'],
    ['ArrowLeft', 'layers.0.self_attn.q_proj'],
  ] as const) {
    await window.keyboard.press(key);
    await expect(cell).toContainText(name);
  }
  await window.keyboard.press('Enter');
  await expect(window.getByRole('slider', { name: /^Cut:/ })).toBeFocused();
  await window.keyboard.press('Escape');
  await expect(grid).toBeFocused();
  const slider = window.getByRole('slider', { name: 'Share m' });
  await tabTo(window, slider);
  const before = await slider.getAttribute('aria-valuetext');
  await window.keyboard.press('ArrowRight');
  await expect(slider).not.toHaveAttribute('aria-valuetext', before ?? '');
  await tabToAndPress(window, button('Continue to training'));

  await tabTo(window, window.getByRole('spinbutton', { name: 'Steps', exact: true }));
  await window.keyboard.press('Control+A');
  await window.keyboard.type('6');
  await window.keyboard.press('Tab');
  await tabToAndPress(window, button('Train 6 steps'));
  await expect(button('Continue to merge')).toBeVisible({ timeout: 60_000 });
  await tabToAndPress(window, window.getByRole('tab', { name: 'Curves' }), 'ArrowRight');
  await expect(window.getByRole('grid', { name: 'What each matrix has learnt' })).toBeVisible();
  await tabToAndPress(window, button('Continue to merge'));

  const folder = join(places.home, 'by-keyboard');
  mkdirSync(folder);
  await answerOpenDialogs(electron, folder);
  await tabToAndPress(window, button('Choose…'));
  await tabToAndPress(window, window.getByTestId('export'));
  await expect(window.getByRole('heading', { name: 'Proven' })).toBeVisible({ timeout: 60_000 });
  await tabToAndPress(window, button('Compare in chat'));
  await tabTo(window, window.getByRole('textbox', { name: 'Question' }));
  await window.keyboard.type('Once upon a time');
  await window.keyboard.press('Enter');
  await expect(window.getByRole('article', { name: 'Tuned' })).toContainText('tokens/s', { timeout: 60_000 });
});
