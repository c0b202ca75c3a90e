/** How fast the window answers while a training takes all cores. Recorded, not asserted: the figures depend on the machine. */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type {} from '../../src-renderer/bridge/client.ts';
import { expect, test } from './support/app.ts';
import { frameGaps } from './support/frames.ts';
import { analyse, fact, goToStep, openStories, setNumber, startTraining } from './support/wizard.ts';

const repeats = 30;
const report = join(import.meta.dirname, '..', '..', 'test-results', 'responsiveness.json');

interface Latency {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

function latencyOf(milliseconds: readonly number[]): Latency {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? NaN;
  const [p50 = NaN, p95 = NaN, max = NaN] = [0.5, 0.95, 1].map((share) => Math.round(at(share) * 10) / 10);
  return { count: sorted.length, p50, p95, max };
}

/**
 * From the trusted input event in the page to the frame after the one that shows its effect: the first callback of
 * requestAnimationFrame runs before the paint of its frame, the second after it.
 */
async function watchInputs(window: Page): Promise<void> {
  await window.evaluate(() => {
    const latencies: number[] = [];
    Object.assign(globalThis, { inputLatencies: latencies });
    for (const kind of ['pointerdown', 'keydown']) {
      addEventListener(
        kind,
        ({ isTrusted, timeStamp }) => {
          if (!isTrusted) return;
          requestAnimationFrame(() =>
            requestAnimationFrame(() => {
              latencies.push(performance.now() - timeStamp);
            }),
          );
        },
        { capture: true },
      );
    }
  });
}

/** Acts so many times, and gives what the page measured for it. */
async function measure(window: Page, act: (index: number) => Promise<void>): Promise<Latency> {
  const taken = async (): Promise<number[]> =>
    window.evaluate(() => (globalThis as { inputLatencies?: number[] }).inputLatencies ?? []);
  const before = (await taken()).length;
  for (let index = 0; index < repeats; index++) {
    await act(index);
    await window.waitForTimeout(60);
  }
  await expect.poll(async () => (await taken()).length).toBeGreaterThanOrEqual(before + repeats);
  return latencyOf((await taken()).slice(before));
}

async function measureRoundTrips(window: Page): Promise<Latency> {
  const taken = await window.evaluate(async (count) => {
    const milliseconds: number[] = [];
    for (let index = 0; index < count; index++) {
      const begun = performance.now();
      await globalThis.window.bridge?.invoke('app.info', {});
      milliseconds.push(performance.now() - begun);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return milliseconds;
  }, repeats);
  return latencyOf(taken);
}

test('the window answers while a training takes all cores; how fast is recorded', async ({ app: { window } }) => {
  await openStories(window);
  await goToStep(window, 'Ranks');
  await analyse(window);
  await goToStep(window, 'Train');
  await setNumber(window, 'Steps', 100_000);
  await startTraining(window);
  await watchInputs(window);
  const stepReached = async (): Promise<number> => Number.parseInt(await fact(window, 'Step').innerText(), 10);
  const begun = await stepReached();

  const tabs = ['What it learnt', 'Curves'];
  const clicks = await measure(window, async (index) => {
    await window.getByRole('tab', { name: tabs[index % 2] ?? '' }).click();
  });
  const roundTrips = await measureRoundTrips(window);
  const frames = latencyOf(await frameGaps(window, 2));
  const trained = (await stepReached()) - begun;
  await goToStep(window, 'Ranks');
  const slider = window.getByRole('slider', { name: 'Share m' });
  await slider.focus();
  const keys = await measure(window, async (index) => {
    await window.keyboard.press(index % 10 < 5 ? 'ArrowRight' : 'ArrowLeft');
  });

  const measured = { clicksOnTabs: clicks, keysOnSlider: keys, roundTrips, framesWhileTraining: frames };
  const machine = { cores: cpus().length, model: cpus()[0]?.model.trim() };
  writeFileSync(
    report,
    `${JSON.stringify({ unit: 'ms', machine, stepsTrainedMeanwhile: trained, ...measured }, null, 2)}\n`,
  );
  for (const [name, { p50, p95, max }] of Object.entries(measured)) {
    process.stdout.write(`    ${name.padEnd(20)} p50 ${p50} ms   p95 ${p95} ms   max ${max} ms\n`);
  }
  expect(trained).toBeGreaterThan(0);
  for (const { count, max } of Object.values(measured)) {
    expect(count).toBeGreaterThanOrEqual(repeats);
    expect(max).toBeGreaterThan(0);
  }
});
