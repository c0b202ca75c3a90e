/** Nothing is cut off, from the smallest window at 200 % to 4K, and nothing moves while numbers change. */
import { expect, test } from './support/app.ts';
import { cutOff, drawAs, type Size } from './support/sizes.ts';
import { goToStep, openStories, setNumber, startTraining } from './support/wizard.ts';
import { storiesTour, tour } from './support/tour.ts';

const sizes: Readonly<Record<string, Size>> = {
  'smallest at 200 %': { width: 1024, height: 640, zoom: 2 },
  smallest: { width: 1024, height: 640, zoom: 1 },
  '4K': { width: 3840, height: 2160, zoom: 1 },
};

test('in no view or state is anything cut off, in the smallest window at 200 % and at 4K', async ({ app, places }) => {
  test.setTimeout(600_000);
  const findings: string[] = [];
  const look = async (name: string): Promise<void> => {
    for (const [size, metrics] of Object.entries(sizes)) {
      await drawAs(app.window, metrics);
      findings.push(...(await cutOff(app.window)).map((finding) => `${name}, ${size}: ${finding}`));
      await app.screenshot(`layout-${name}-${metrics.width}x${metrics.height}@${metrics.zoom}`);
    }
    await drawAs(app.window, undefined);
  };
  await tour(app, places, look, storiesTour);
  expect(findings).toEqual([]);
});

test('while a training counts its steps nothing on the screen moves', async ({ app: { window } }) => {
  await openStories(window);
  await goToStep(window, 'Train');
  await setNumber(window, 'Steps', 100_000);
  await setNumber(window, 'Evaluate every', 0);
  await startTraining(window);
  // The first numbers take their places; from then on they only change.
  await window.waitForTimeout(1_500);
  const moved = await window.evaluate(
    async () =>
      new Promise<{ readonly sum: number; readonly what: string[] }>((resolve) => {
        let sum = 0;
        const what: string[] = [];
        const observer = new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) {
            const { value, sources } = entry as unknown as {
              value: number;
              sources: readonly { readonly node: Node | null }[];
            };
            for (const { node } of sources) {
              const element = node instanceof Element ? node : node?.parentElement;
              if (element === null || element === undefined) continue;
              // A figure at the right edge begins elsewhere when it grows; it ends where it did.
              const figure = node !== element && /^(end|right)$/.test(getComputedStyle(element).textAlign);
              if (!figure) what.push(element.outerHTML.slice(0, 160));
            }
            sum += value;
          }
        });
        observer.observe({ type: 'layout-shift' });
        setTimeout(() => {
          observer.disconnect();
          resolve({ sum, what });
        }, 5_000);
      }),
  );
  expect(moved.what).toEqual([]);
  expect(moved.sum).toBeLessThan(0.001);
});
