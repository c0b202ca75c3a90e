/**
 * The pictures of docs/screenshots: every view and state of the real app, light and dark, in the usual and in the smallest
 * window; the path on SmolLM2, the rest on the sample that comes with the app. $SARA_SCREENSHOTS: `stories` takes the
 * path on that sample too, `path` or `rest` takes one of the walks alone.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheDirectory } from '../../src-main/util/paths.ts';
import { test as base, type LaunchedApp, type Places } from '../e2e/support/app.ts';
import { tourOfTheRest } from '../e2e/support/moreViews.ts';
import { setSystemTheme, themes } from '../e2e/support/theme.ts';
import { storiesTour, tour, type Look, type TourOptions } from '../e2e/support/tour.ts';
import { smallPng } from './smallPng.ts';

const pictures = join(import.meta.dirname, '..', '..', 'docs', 'screenshots');
const usual = { width: 1280, height: 800 };
const narrow = { width: 1024, height: 640 };
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

// As on a person's computer: the app finds the number of threads, and Settings show it.
for (const variable of ['TF_NUM_INTRAOP_THREADS', 'OMP_NUM_THREADS']) process.env[variable] = '0';

const only = process.env['SARA_SCREENSHOTS'] ?? '';
const walks: readonly (readonly [name: string, go: (app: LaunchedApp, places: Places, look: Look) => Promise<void>])[] =
  [
    ['path', async (app, places, look) => tour(app, places, look, only === 'stories' ? storiesTour : smollm2Tour)],
    ['rest', tourOfTheRest],
  ];

for (const [name, go] of walks) {
  test(`pictures of the ${name}`, async ({ app, places }) => {
    test.skip(only !== '' && only !== 'stories' && only !== name, 'not asked for');
    mkdirSync(pictures, { recursive: true });
    await go(app, places, async (state) => takePictures(app, state));
  });
}

async function resize({ window, electron }: LaunchedApp, size: { width: number; height: number }): Promise<void> {
  await electron.evaluate(({ BrowserWindow }, { width, height }) => {
    BrowserWindow.getAllWindows()[0]?.setContentSize(width, height);
  }, size);
  await window.waitForFunction(({ width, height }) => innerWidth === width && innerHeight === height, size);
  // Charts take their new size with the next frames.
  await window.waitForTimeout(300);
}

async function takePictures(app: LaunchedApp, name: string): Promise<void> {
  const { window } = app;
  // As one sees a view that one comes to: scrolled to its top, no tooltip, no ring of the keyboard's focus.
  await window.mouse.move(0, 0);
  await window.evaluate(() => {
    for (const element of document.querySelectorAll('main *')) element.scrollTop = 0;
    if (document.activeElement instanceof HTMLElement && document.querySelector('[role=dialog]') === null)
      document.activeElement.blur();
  });
  for (const [size, suffix] of [
    [narrow, '-narrow'],
    [usual, ''],
  ] as const) {
    await resize(app, size);
    for (const theme of themes) {
      await setSystemTheme(app, theme);
      await window.waitForTimeout(200);
      const file = join(pictures, `${name}-${theme}${suffix}.png`);
      writeFileSync(file, smallPng(await window.screenshot({ animations: 'disabled' })));
    }
  }
}
