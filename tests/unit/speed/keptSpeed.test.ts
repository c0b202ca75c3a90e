import { writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import type { SpeedMeasurement } from '../../../src-main/contract/speed.ts';
import { expectedSpeed } from '../../../src-main/estimate/expectedSpeed.ts';
import { keepSpeed } from '../../../src-main/estimate/speed.ts';
import { keepMeasurement, keptSpeed } from '../../../src-main/speed/keptSpeed.ts';
import { thisComputer } from '../../../src-main/speed/thisComputer.ts';
import { temporaryCache } from '../../support/temporaryCache.ts';

const cache = temporaryCache();

const computer = { processor: 'Some processor', cores: 8, engine: 'tfjs 4, TensorFlow 2.18.1 cpu' };

function measurement(change: Partial<SpeedMeasurement> = {}): SpeedMeasurement {
  return {
    ...computer,
    tensorflowVersion: '2.18.1',
    device: 'cpu',
    measuredAt: '2026-05-04T09:12:00.000Z',
    rates: [
      { threads: 1, flopsPerSecond: 10e9 },
      { threads: 4, flopsPerSecond: 40e9 },
    ],
    threads: 4,
    ...change,
  };
}

test('what was measured is kept for the same computer', async () => {
  expect(await keptSpeed(computer)).toBeUndefined();
  await keepMeasurement(measurement());
  expect(await keptSpeed(computer)).toEqual(measurement());
});

test.each([
  ['processor', { processor: 'Another' }],
  ['number of cores', { cores: 4 }],
  ['engine', { engine: 'tfjs 5, TensorFlow 2.18.1 cpu' }],
])('what was measured with another %s does not count', async (_what, change) => {
  await keepMeasurement(measurement());
  expect(await keptSpeed({ ...computer, ...change })).toBeUndefined();
});

test.each([
  ['is cut off', '{"version":1,"processor":"Some'],
  ['holds something else', '[1, 2]'],
  ['is of a later version', JSON.stringify({ ...measurement(), version: 2 })],
  [
    'has a rate that is no number',
    JSON.stringify({ version: 1, ...measurement({ rates: [{ threads: 4, flopsPerSecond: NaN }] }) }),
  ],
  ['chooses what was not measured', JSON.stringify({ version: 1, ...measurement({ threads: 3 }) })],
])('a file that %s counts as none, and is replaced', async (_what, content) => {
  writeFileSync(path.join(cache(), 'thread-speed.json'), content);
  expect(await keptSpeed(computer)).toBeUndefined();
  await keepMeasurement(measurement());
  expect(await keptSpeed(computer)).toEqual(measurement());
});

test('the processor and the engine of this computer are named without loading it', async () => {
  const here = await thisComputer();
  expect(here.cores).toBe(os.availableParallelism());
  expect(here.engine).toMatch(/^@tensorflow\/tfjs-node(-gpu)? \d+\.\d+\.\d+/);
});

test('the calibration stands in for a measured run, by the threads in force, and says so', async () => {
  vi.stubEnv('OMP_NUM_THREADS', undefined);
  vi.stubEnv('TF_NUM_INTRAOP_THREADS', undefined);
  expect(await expectedSpeed('a', 1e8)).toBeUndefined();
  await keepMeasurement(measurement(await thisComputer()));
  const chosen = await expectedSpeed('a', 1e8);
  expect(chosen?.from).toBe('calibration');
  expect(chosen?.flopsPerSecond).toBeLessThan(40e9);
  // A number between two that were measured promises no more than the lower.
  for (const threads of ['1', '3']) {
    vi.stubEnv('OMP_NUM_THREADS', threads);
    expect((await expectedSpeed('a', 1e8))?.flopsPerSecond).toBeCloseTo((chosen?.flopsPerSecond ?? NaN) / 4, 0);
  }
  // Products of a model so small are not those of the probe.
  expect(await expectedSpeed('tiny', 260_000)).toBeUndefined();
  await keepSpeed({ modelHash: 'other', parameters: 2e8, flopsPerSecond: 7e9 });
  expect(await expectedSpeed('a', 1e8)).toEqual({ flopsPerSecond: 7e9, from: 'run' });
});
