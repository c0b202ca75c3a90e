/** The pictures of docs/screenshots: every view and main state of the real app, light and dark, on SmolLM2. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheDirectory } from '../../src-main/util/paths.ts';
import { test as base } from '../e2e/support/app.ts';
import { setSystemTheme, themes } from '../e2e/support/theme.ts';
import { storiesTour, tour, type TourOptions } from '../e2e/support/tour.ts';
import { smallPng } from './smallPng.ts';

const pictures = join(import.meta.dirname, '..', '..', 'docs', 'screenshots');
const usual = { width: 1280, height: 800 };
const narrow = { width: 1024, height: 640 };
/** States that have to fit into the smallest window as well. */
const alsoNarrow = [
  ...['home', 'data', 'ranks', 'ranks-spectrum', 'train-settings', 'train-done', 'merge-done', 'chat'],
  ...['ranks-over-time', 'gates-of-a-text', 'compress', 'studies', 'study-heads'],
];

const smollm2Tour: TourOptions = {
  sample: 'Restaurant descriptions',
  model: 'SmolLM2-135M-Instruct',
  steps: 24,
  evaluateEvery: 4,
  question: 'name[The Punter], eatType[pub], food[English], priceRange[cheap], area[riverside]',
  longestAnswer: 48,
  analysisMilliseconds: 600_000,
  trainingMilliseconds: 1_800_000,
};

const test = base.extend({
  // Folders with names that a person could have given.
  // eslint-disable-next-line no-empty-pattern
  places: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'sara-'));
    const places = { home: join(folder, 'SARA Studio'), cache: join(folder, 'cache'), state: join(folder, 'state') };
    for (const place of Object.values(places)) mkdirSync(place);
    for (const name of ['models', 'spectra', 'hashes']) {
      const from = join(cacheDirectory(), name);
      if (!existsSync(from)) continue;
      if (name === 'models') symlinkSync(from, join(places.cache, name), 'junction');
      else cpSync(from, join(places.cache, name), { recursive: true });
    }
    await use(places);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 });
  },
});

test('pictures', async ({ app, places }) => {
  const { window, electron } = app;
  mkdirSync(pictures, { recursive: true });
  const resize = async (size: { width: number; height: number }): Promise<void> => {
    await electron.evaluate(({ BrowserWindow }, { width, height }) => {
      BrowserWindow.getAllWindows()[0]?.setContentSize(width, height);
    }, size);
    await window.waitForFunction(({ width, height }) => innerWidth === width && innerHeight === height, size);
    // Charts take their new size with the next frames.
    await window.waitForTimeout(300);
  };
  const look = async (name: string): Promise<void> => {
    // As one sees a view that one comes to: scrolled to its top, no tooltip, no ring of the keyboard's focus.
    await window.mouse.move(0, 0);
    await window.evaluate(() => {
      for (const element of document.querySelectorAll('main *')) element.scrollTop = 0;
      if (document.activeElement instanceof HTMLElement && document.querySelector('[role=dialog]') === null)
        document.activeElement.blur();
    });
    for (const size of alsoNarrow.includes(name) ? [narrow, usual] : [usual]) {
      await resize(size);
      for (const theme of size === narrow ? (['light'] as const) : themes) {
        await setSystemTheme(app, theme);
        await window.waitForTimeout(300);
        const file = size === narrow ? `${name}-narrow.png` : `${name}-${theme}.png`;
        writeFileSync(join(pictures, file), smallPng(await window.screenshot({ animations: 'disabled' })));
      }
    }
  };
  const small = process.env['SARA_SCREENSHOTS'] === 'stories';
  await tour(app, places, look, small ? storiesTour : smollm2Tour);
});
