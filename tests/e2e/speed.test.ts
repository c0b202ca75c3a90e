/** The number of threads that is chosen by measurement. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from './support/app.ts';

const variables = ['TF_NUM_INTRAOP_THREADS', 'OMP_NUM_THREADS'] as const;

test('Settings measure which number of threads is the fastest, show it, and know it after a restart', async ({
  launch,
  places,
}) => {
  const before = variables.map((name) => [name, process.env[name]] as const);
  // 0 decides nothing: the app is free to measure.
  for (const name of variables) process.env[name] = '0';
  try {
    const first = await launch();
    await first.window.getByRole('button', { name: 'Settings', exact: true }).click();
    await expect(first.window.getByText('Threads in use')).toBeVisible({ timeout: 30_000 });
    await first.window.getByRole('button', { name: 'Measure', exact: true }).click();
    const table = first.window.getByRole('table', { name: /Measured .*, with work shaped like a training step/ });
    await expect(table).toBeVisible({ timeout: 90_000 });
    await expect(table.getByRole('row').filter({ hasText: 'GFLOP/s' }).first()).toContainText('1');
    await expect(table.getByText('chosen')).toHaveCount(1);
    await table.scrollIntoViewIfNeeded();
    await first.screenshot('settings-speed');
    expect(existsSync(join(places.cache, 'thread-speed.json'))).toBe(true);
    await first.close();
    const second = await launch();
    await second.window.getByRole('button', { name: 'Settings', exact: true }).click();
    await expect(second.window.getByRole('button', { name: 'Measure again' })).toBeVisible();
    await expect(second.window.getByText('chosen', { exact: true })).toHaveCount(1);
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
});
