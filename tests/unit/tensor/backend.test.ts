import { expect, test } from 'vitest';
import { openBackend } from '../../../src-main/tensor/backend.ts';

test('the backend says what it runs on, and why not on a GPU', async () => {
  const { report } = await openBackend();
  expect(report.tensorflowVersion).toMatch(/^2\.\d+\.\d+$/);
  expect(report.packageVersion).toMatch(/^\d+\.\d+\.\d+$/);
  expect(report.oneDnn, 'set by the test configuration').toBe(true);
  expect(report.threads).toBe(1);
  // Bug: a machine without GPU that does not say so.
  expect(report.noGpuReason === undefined).toBe(report.device === 'gpu');
});

test('the backend is loaded once a process', async () => {
  expect(await openBackend()).toBe(await openBackend());
});
