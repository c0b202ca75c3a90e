import type { Page } from '@playwright/test';

/** Milliseconds between the frames that the window draws in so many seconds. */
export async function frameGaps(window: Page, seconds: number): Promise<number[]> {
  return window.evaluate(
    async (wanted) =>
      new Promise<number[]>((resolve) => {
        const taken: number[] = [];
        const begun = performance.now();
        let last = begun;
        const frame = (): void => {
          const now = performance.now();
          taken.push(now - last);
          last = now;
          if (now - begun < wanted * 1000) requestAnimationFrame(frame);
          else resolve(taken);
        };
        requestAnimationFrame(frame);
      }),
    seconds,
  );
}
