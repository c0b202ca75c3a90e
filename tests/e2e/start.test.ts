import { callRoute } from './support/routes.ts';
import { seriousFindings } from './support/accessibility.ts';
import { expect, test } from './support/app.ts';

test('the app opens its window and the engine answers from a process of its own', async ({ app }) => {
  await expect(app.window.getByRole('main')).toBeVisible();
  const report = await callRoute(app.window, 'engine.report', {});
  expect(report.package).toMatch(/^@tensorflow\/tfjs-node/);
  await app.screenshot('start');
});

test('the first view has no serious accessibility finding', async ({ app }) => {
  await expect(app.window.getByRole('main')).toBeVisible();
  expect(await seriousFindings(app.window)).toEqual([]);
});

test('the page is isolated: no Node, no Electron, and it cannot leave its own origin', async ({ app }) => {
  const globals = await app.window.evaluate(() =>
    ['process', 'require', 'module'].filter((name) => name in globalThis),
  );
  expect(globals).toEqual([]);
  await app.electron.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    Object.assign(globalThis, {
      leaving: new Promise((resolve) => contents?.once('will-navigate', (event) => resolve(event.defaultPrevented))),
    });
  });
  await app.window.evaluate(() => {
    location.href = 'https://example.com/';
  });
  const refused = await app.electron.evaluate(() => (globalThis as { leaving?: Promise<boolean> }).leaving);
  expect(refused).toBe(true);
});
