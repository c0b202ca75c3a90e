import { callRoute } from '../e2e/support/routes.ts';
import { expect, test } from '../e2e/support/app.ts';

test('the packaged app starts and its engine finds libtensorflow inside the package', async ({ app }) => {
  expect(await app.electron.evaluate(({ app: electronApp }) => electronApp.isPackaged)).toBe(true);
  const report = await callRoute(app.window, 'engine.report', {});
  expect(report.package).toMatch(/^@tensorflow\/tfjs-node/);
});
