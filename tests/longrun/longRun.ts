/**
 * A long training of the story model with a live window: resident memory of every process, events that arrive, how fast
 * the window answers. Figures go to docs/reliability/longrun.json and into the table of RELIABILITY.md.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
import type {} from '../../src-renderer/bridge/client.ts';
import { expect, test, type LaunchedApp } from '../e2e/support/app.ts';
import { callRoute } from '../e2e/support/routes.ts';
import { goToStep, openStories, setNumber, startTraining } from '../e2e/support/wizard.ts';
import { replaceTable } from '../torture/page.ts';
import { slopeOf } from './slope.ts';

const minutes = Number(process.env['LONGRUN_MINUTES'] ?? 60);
const everySeconds = Math.max(2, Math.min(10, minutes));
const root = path.join(import.meta.dirname, '..', '..');
const processes = ['main', 'window', 'engine'] as const;
type ProcessName = (typeof processes)[number];

interface Sample {
  readonly hours: number;
  /** Resident memory in MB. */
  readonly resident: Readonly<Record<ProcessName, number>>;
  /** Milliseconds of a question to the main process and of the next frame. */
  readonly answer: number;
  readonly frame: number;
}

async function residentOf({ electron }: LaunchedApp): Promise<Record<ProcessName, number>> {
  const metrics = await electron.evaluate(({ app }) =>
    app.getAppMetrics().map(({ type, name = '', memory }) => ({ type, name, kilobytes: memory.workingSetSize })),
  );
  const of = (fits: (metric: (typeof metrics)[number]) => boolean): number =>
    (metrics.find(fits)?.kilobytes ?? 0) / 1000;
  return {
    main: of(({ type }) => type === 'Browser'),
    window: of(({ type }) => type === 'Tab'),
    engine: of(({ name }) => name.includes('compute')),
  };
}

/** Counts the events of the training in the page, and the numbers that are missing between them. */
async function countEvents(page: Page): Promise<void> {
  await page.evaluate(() => {
    const count = { events: 0, missing: 0, last: 0 };
    Object.assign(globalThis, { eventCount: count });
    window.bridge?.subscribe('job.event', ({ seq, kind }) => {
      if (kind !== 'train.run') return;
      count.events += 1;
      if (count.last > 0) count.missing += seq - count.last - 1;
      count.last = seq;
    });
  });
}

async function answerTimes(page: Page): Promise<{ readonly answer: number; readonly frame: number }> {
  return page.evaluate(async () => {
    const begun = performance.now();
    await window.bridge?.invoke('jobs.list', {});
    const answered = performance.now();
    await new Promise((resolve) => requestAnimationFrame(resolve));
    return { answer: answered - begun, frame: performance.now() - answered };
  });
}

test(`${String(minutes)} minutes of training with a live window`, async ({ app }) => {
  const { window } = app;
  await countEvents(window);
  await openStories(window);
  await goToStep(window, 'Train');
  await window.getByRole('radio', { name: 'All settings' }).click();
  await setNumber(window, 'Evaluate every', 500);
  await setNumber(window, 'Steps', 10_000_000);
  await startTraining(window);
  const begun = performance.now();
  const samples: Sample[] = [];
  while (performance.now() - begun < minutes * 60_000) {
    const hours = (performance.now() - begun) / 3_600_000;
    samples.push({ hours, resident: await residentOf(app), ...(await answerTimes(window)) });
    await window.waitForTimeout(everySeconds * 1000);
  }
  const [job] = await callRoute(window, 'jobs.list', {});
  if (job === undefined) throw new Error('There is no training.');
  const { events } = await callRoute(window, 'jobs.snapshot', { jobId: job.id });
  const counted = await window.evaluate(
    () => (globalThis as unknown as { eventCount: { events: number; missing: number } }).eventCount,
  );
  const lastStep = events
    .flatMap(({ event }) => ('event' in event && event.event === 'step' ? [event.step] : []))
    .at(-1);
  await callRoute(window, 'jobs.control', { jobId: job.id, action: 'cancel' });

  // The first third is left out: heaps and the allocator settle.
  const settled = samples.filter(({ hours }) => hours > minutes / 180);
  const hours = settled.map((sample) => sample.hours);
  const half = Math.floor(settled.length / 2);
  const result = {
    date: new Date().toISOString(),
    minutes,
    steps: lastStep ?? 0,
    ...counted,
    resident: Object.fromEntries(
      processes.map((name) => {
        const values = settled.map(({ resident }) => resident[name]);
        return [name, { first: values[0] ?? NaN, last: values.at(-1) ?? NaN, ...slopeOf(hours, values) }];
      }),
    ),
    answer: [median(settled.slice(0, half).map((s) => s.answer)), median(settled.slice(half).map((s) => s.answer))],
    frame: [median(settled.slice(0, half).map((s) => s.frame)), median(settled.slice(half).map((s) => s.frame))],
  };
  mkdirSync(path.join(root, 'docs', 'reliability'), { recursive: true });
  writeFileSync(path.join(root, 'docs', 'reliability', 'longrun.json'), `${JSON.stringify({ ...result, samples })}\n`);
  const page = path.join(root, 'RELIABILITY.md');
  writeFileSync(page, replaceTable(readFileSync(page, 'utf8'), 'longrun', tableOf(result)));
  expect(counted.missing).toBe(0);
});

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}

function tableOf(result: {
  readonly minutes: number;
  readonly steps: number;
  readonly events: number;
  readonly missing: number;
  readonly resident: Readonly<Record<string, { first: number; last: number; perHour: number; plusMinus: number }>>;
  readonly answer: readonly number[];
  readonly frame: readonly number[];
}): string {
  const rows = Object.entries(result.resident).map(
    ([name, { first, last, perHour, plusMinus }]) =>
      `| ${name} | ${first.toFixed(0)} | ${last.toFixed(0)} | ${perHour.toFixed(1)} ± ${plusMinus.toFixed(1)} |`,
  );
  const halves = (values: readonly number[]): string => values.map((value) => value.toFixed(1)).join(' and ');
  return [
    `${String(result.minutes)} minutes, ${String(result.steps)} steps, ${String(result.events)} events in the window, ${String(result.missing)} missing.`,
    '',
    '| process | MB after a third | MB at the end | MB an hour, with its 95 % interval |',
    '|---|---:|---:|---:|',
    ...rows,
    '',
    `A question of the window was answered in ${halves(result.answer)} ms and a frame came after ${halves(result.frame)} ms (medians of the earlier and the later half).`,
  ].join('\n');
}
