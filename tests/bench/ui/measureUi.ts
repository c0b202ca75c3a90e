/**
 * The speed of the window, measured in the real app: first paint, view changes, frames while a
 * million rows scroll and while the threshold of a map of 32 × 7 matrices is dragged, memory under live charts. The
 * result is kept as docs/benchmarks/ui.json, and BENCHMARKS.md is written anew.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { expect, test, type LaunchedApp } from '../../e2e/support/app.ts';
import { answerOpenDialogs } from '../../e2e/support/dialogs.ts';
import { analyse, goToStep, openStories, setNumber, startTraining, trainingEnds } from '../../e2e/support/wizard.ts';
import { slopeOf } from '../../longrun/slope.ts';
import { comparison } from '../comparison.ts';
import { keptFolder, writeBenchmarks, writeResult } from '../files.ts';
import { busyShare } from '../load.ts';
import { commitOf, describeMachine } from '../machine.ts';
import type { Comparison, Table } from '../results.ts';
import { comparisonLine } from '../text.ts';
import { coldStart } from './coldStart.ts';
import { framesDuring, timeToShow, type Frames } from './frames.ts';
import { ui } from './uiRow.ts';
import { writeModel, writeRows } from './uiMaterials.ts';

const root = path.join(import.meta.dirname, '..', '..', '..');
const rounds = Number(process.env['BENCH_UI_ROUNDS'] ?? 6);
const memoryMinutes = Number(process.env['BENCH_UI_MINUTES'] ?? 2.5);
const rowCount = 1_000_000;
/** 60 frames a second, as a window at rest has them: gaps of 16.3 to 16.8 ms. */
const frameMilliseconds = 16.8;

test('the window', async ({ launch, places }) => {
  const result = {
    ...{ row: ui.id, date: new Date().toISOString(), ...commitOf(root), quick: false, busyBefore: await busyShare() },
    machine: describeMachine(),
  };
  const begun = performance.now();
  const comparisons: Comparison[] = [];
  const keep = (...measured: readonly Comparison[]): void => {
    comparisons.push(...measured);
    for (const one of measured) process.stdout.write(`    ${comparisonLine(one)}\n`);
  };
  const tables: Table[] = [];

  await test.step('First paint', async () => {
    const starts = [];
    for (let round = 0; round < rounds; round++) starts.push(await coldStart(places));
    keep(
      milliseconds(
        'first paint',
        starts.map(({ firstPaint }) => firstPaint),
        1000,
      ),
      milliseconds(
        'Home painted',
        starts.map(({ home }) => home),
      ),
    );
  });

  const app = await launch();
  const { window } = app;
  await test.step('View changes', async () => {
    const taken = await viewChanges(window);
    keep(milliseconds('view change, all', [...taken.values()].flat(), 100));
    tables.push({
      title: 'Milliseconds from the press of the button to the painted view',
      header: ['view', 'least', 'median', 'most'],
      rows: [...taken].map(([name, all]) => {
        const { minimum, median, maximum } = milliseconds(name, all).ours;
        return [name, ...[minimum, median, maximum].map((value) => value.toFixed(0))];
      }),
    });
  });

  const frames = new Map<string, readonly Frames[]>();
  await test.step('A window at rest', async () => {
    frames.set('at rest', await repeated(window, async () => window.waitForTimeout(2000)));
  });
  await test.step('A million rows', async () => {
    const list = await openRows(app, path.join(places.home, 'million.jsonl'));
    frames.set('scrolling 1,000,000 rows', await repeated(window, async (round) => scroll(window, list, round)));
  });
  await test.step('A map of 32 × 7', async () => {
    const slider = await openMap(app, path.join(places.home, 'thirty-two-layers'));
    frames.set('dragging the threshold, 32 × 7', await repeated(window, async () => drag(window, slider)));
  });
  for (const [name, all] of frames) {
    if (name === 'at rest') continue;
    keep(
      milliseconds(
        `frame, ${name}`,
        all.map(({ median }) => median),
        frameMilliseconds,
      ),
    );
  }
  tables.push({
    title: 'Frames',
    header: ['while', 'a second', 'median gap', 'longest gap', 'later than 25 ms'],
    rows: [...frames].map(([name, all]) => [
      name,
      spread(all.map(({ perSecond }) => perSecond)),
      `${spread(all.map(({ median }) => median))} ms`,
      `${spread(all.map(({ longest }) => longest))} ms`,
      `${spread(all.map(({ late }) => 100 * late))} %`,
    ]),
  });

  const notes: string[] = [];
  await test.step('Memory under live charts', async () => {
    const { slope, last, steps } = await memoryOfCharts(app);
    notes.push(
      `Memory under live charts: over ${memoryMinutes.toFixed(1)} minutes and ${steps} steps of training the page’s heap, after a collection of garbage, ended at ${last.toFixed(1)} MB and grew by ${slope.perHour.toFixed(1)} ± ${slope.plusMinus.toFixed(1)} MB an hour (95 % interval).`,
    );
    notes.push(...longRunNote());
  });
  const versions = await app.electron.evaluate(() => ({
    Electron: process.versions.electron,
    Chromium: process.versions.chrome,
  }));
  writeResult(keptFolder(root), {
    ...result,
    ...{ seconds: (performance.now() - begun) / 1000, versions, comparisons, tables, notes },
  });
  writeBenchmarks(root);
});

function milliseconds(name: string, ours: readonly number[], limit?: number): Comparison {
  const goal = limit === undefined ? {} : { goal: { of: 'value', limit } as const };
  return comparison({ name, unit: 'ms', kind: 'cost', ours, ...goal });
}

/** `least to most`, rounded. */
function spread(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)].map((value) => value.toFixed(1));
  return least === most ? (least ?? '') : `${least} to ${most}`;
}

async function repeated(page: Page, act: (round: number) => Promise<void>): Promise<Frames[]> {
  const all: Frames[] = [];
  for (let round = 0; round < rounds; round++) all.push(await framesDuring(page, async () => act(round)));
  return all;
}

/** Goes over all views of a project that was trained, again and again. */
async function viewChanges(window: Page): Promise<Map<string, number[]>> {
  await openStories(window);
  await goToStep(window, 'Ranks');
  await analyse(window);
  await goToStep(window, 'Train');
  await setNumber(window, 'Steps', 12);
  await startTraining(window);
  await trainingEnds(window);
  const main = window.getByRole('navigation', { name: 'Main navigation' });
  const steps = window.getByRole('navigation', { name: 'The path of the project' });
  const views: readonly (readonly [name: string, button: Locator, shown: string])[] = [
    ['Home', main.getByRole('button', { name: 'Home' }), 'main[data-view=home] h2'],
    ['Runs', main.getByRole('button', { name: 'Runs' }), 'main [role=rowgroup] [role=row]'],
    ['Studies', main.getByRole('button', { name: 'Studies' }), 'main[data-view=studies] h2'],
    ['Sweeps', main.getByRole('button', { name: 'Sweeps' }), 'main[data-view=sweeps] h1'],
    ['Chat', main.getByRole('button', { name: 'Chat' }), 'main[data-view=chat] textarea'],
    ['Settings', main.getByRole('button', { name: 'Settings' }), 'main[data-view=settings] h2'],
    ['Project', main.getByRole('button', { name: 'Project' }), 'main[data-view=project] h1'],
    ['Model', steps.getByRole('button', { name: /^(\d )?Model / }), 'main dl'],
    ['Data', steps.getByRole('button', { name: /^(\d )?Data / }), 'main [role=listbox] .excerpt'],
    ['Ranks', steps.getByRole('button', { name: /^(\d )?Ranks / }), 'main .heatmap canvas[height]'],
    ['Train', steps.getByRole('button', { name: /^(\d )?Train / }), 'main canvas[height]'],
    ['Merge', steps.getByRole('button', { name: /^(\d )?Merge / }), 'main [data-testid=export]'],
  ];
  const taken = new Map<string, number[]>(views.map(([name]) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, button, shown] of views) {
      taken.get(name)?.push(await timeToShow(window, async () => button.click(), shown));
      await window.waitForTimeout(250);
    }
  }
  return taken;
}

async function openRows({ window, electron }: LaunchedApp, file: string): Promise<Locator> {
  writeRows(file, rowCount);
  await goToStep(window, 'Data');
  await answerOpenDialogs(electron, file);
  await window.getByRole('button', { name: 'Open another file…' }).click();
  await expect(window.getByText('1,000,000 rows', { exact: false }).first()).toBeVisible({ timeout: 120_000 });
  await expect(window.getByRole('option', { selected: true })).toContainText('trained', { timeout: 60_000 });
  await expect(window.getByText(/^Counted on/)).toBeVisible({ timeout: 120_000 });
  return window.getByRole('listbox', { name: 'Rows' });
}

/** Turns the wheel over the list: down and up, from another place each round. */
async function scroll(window: Page, list: Locator, round: number): Promise<void> {
  await list.evaluate((scroller, share) => (scroller.scrollTop = share * scroller.scrollHeight), (round + 1) / 8);
  await list.hover();
  const end = performance.now() + 3000;
  for (let turn = 0; performance.now() < end; turn++) {
    await window.mouse.wheel(0, turn % 40 < 20 ? 120 : -90);
    await window.waitForTimeout(12);
  }
}

async function openMap({ window, electron }: LaunchedApp, folder: string): Promise<Locator> {
  writeModel(folder);
  await window.getByRole('button', { name: 'Home', exact: true }).click();
  await answerOpenDialogs(electron, folder);
  await window.getByRole('button', { name: 'Open model folder…' }).click();
  await expect(window.getByRole('heading', { name: path.basename(folder) })).toBeVisible();
  await goToStep(window, 'Ranks');
  await analyse(window, 240_000);
  return window.getByRole('slider', { name: 'Share m' });
}

/** Drags the handle over the whole slider and back with the mouse. */
async function drag(window: Page, slider: Locator): Promise<void> {
  const box = await slider.boundingBox();
  const value = Number(await slider.inputValue());
  if (box === null) throw new Error('The slider is not in the window.');
  const y = box.y + box.height / 2;
  await window.mouse.move(box.x + 8 + ((box.width - 16) * value) / 1000, y);
  await window.mouse.down();
  const end = performance.now() + 3000;
  for (let at = 0; performance.now() < end; at++) {
    const share = 0.5 + 0.45 * Math.sin(at / 25);
    await window.mouse.move(box.x + share * box.width, y);
    await window.waitForTimeout(8);
  }
  await window.mouse.up();
}

/** Trains with open charts and follows the heap of the page. */
async function memoryOfCharts({ window }: LaunchedApp): Promise<{
  readonly slope: ReturnType<typeof slopeOf>;
  readonly last: number;
  readonly steps: number;
}> {
  await window.getByRole('button', { name: 'Home', exact: true }).click();
  await openStories(window);
  await goToStep(window, 'Train');
  await setNumber(window, 'Steps', 1_000_000);
  await startTraining(window);
  const session = await window.context().newCDPSession(window);
  const begun = performance.now();
  const samples: (readonly [hours: number, megabytes: number])[] = [];
  while (performance.now() - begun < memoryMinutes * 60_000) {
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    samples.push([(performance.now() - begun) / 3_600_000, usedSize / 1e6]);
    await window.waitForTimeout(3_000);
  }
  const step = await window
    .locator('dt', { hasText: /^Step$/ })
    .locator('xpath=following-sibling::dd[1]')
    .innerText();
  // The first third is left out: the charts fill.
  const settled = samples.slice(Math.floor(samples.length / 3));
  const slope = slopeOf(
    settled.map(([hours]) => hours),
    settled.map(([, megabytes]) => megabytes),
  );
  return { slope, last: samples.at(-1)?.[1] ?? NaN, steps: Number.parseInt(step.replaceAll(',', ''), 10) };
}

/** What `npm run longrun` found of the window over its time. */
function longRunNote(): string[] {
  const file = path.join(root, 'docs', 'reliability', 'longrun.json');
  if (!existsSync(file)) return [];
  const { minutes, date, resident } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly minutes: number;
    readonly date: string;
    readonly resident: { readonly window: { first: number; last: number; perHour: number; plusMinus: number } };
  };
  const { first, last, perHour, plusMinus } = resident.window;
  return [
    `\`npm run longrun\` on ${date.slice(0, 10)}, ${minutes} minutes: resident memory of the window went from ${first.toFixed(0)} MB (after a third) to ${last.toFixed(0)} MB, ${perHour.toFixed(1)} ± ${plusMinus.toFixed(1)} MB an hour; see [RELIABILITY.md](RELIABILITY.md).`,
  ];
}
