/** Frames and view changes, as the page itself sees them. */
import type { Page } from '@playwright/test';

/** A frame that comes later than one and a half intervals of 60 Hz has missed its turn. */
const lateMilliseconds = 25;

export interface Frames {
  readonly perSecond: number;
  /** Milliseconds between frames. */
  readonly median: number;
  readonly longest: number;
  /** Share of frames that missed their turn. */
  readonly late: number;
}

/** Watches the frames of the page while something is done to it. */
export async function framesDuring(page: Page, act: () => Promise<void>): Promise<Frames> {
  await page.evaluate(() => {
    const watch = { gaps: [] as number[], last: performance.now(), on: true };
    Object.assign(globalThis, { frameWatch: watch });
    const frame = (): void => {
      const now = performance.now();
      watch.gaps.push(now - watch.last);
      watch.last = now;
      if (watch.on) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  await act();
  const gaps = await page.evaluate(() => {
    const watch = (globalThis as unknown as { frameWatch: { gaps: number[]; on: boolean } }).frameWatch;
    watch.on = false;
    return watch.gaps.slice(1);
  });
  const sorted = [...gaps].sort((a, b) => a - b);
  return {
    perSecond: (1000 * gaps.length) / gaps.reduce((sum, gap) => sum + gap, 0),
    median: sorted[gaps.length >> 1] ?? NaN,
    longest: sorted.at(-1) ?? NaN,
    late: gaps.filter((gap) => gap > lateMilliseconds).length / gaps.length,
  };
}

/**
 * Milliseconds from the press of a button until the frame after the one in which what it opens stands in the page.
 * @param shown CSS selector of what must be there and have a size
 */
export async function timeToShow(page: Page, press: () => Promise<void>, shown: string): Promise<number> {
  await page.evaluate((selector) => {
    const done = new Promise<number>((resolve, reject) => {
      setTimeout(() => reject(new Error(`${selector} does not come.`)), 5_000);
      addEventListener(
        'pointerdown',
        ({ timeStamp }) => {
          const look = (): void => {
            const found = document.querySelector(selector);
            if (found === null || found.getBoundingClientRect().height === 0) requestAnimationFrame(look);
            else requestAnimationFrame(() => resolve(performance.now() - timeStamp));
          };
          requestAnimationFrame(look);
        },
        { capture: true, once: true },
      );
    });
    Object.assign(globalThis, { viewShown: done });
  }, shown);
  await press();
  return page.evaluate(() => (globalThis as unknown as { viewShown: Promise<number> }).viewShown);
}
