import { expect, test } from 'vitest';
import type { MeasuredRate } from '../../../src-main/contract/speed.ts';
import { candidateThreads, fewestOfTheFastest } from '../../../src-main/speed/chooseThreads.ts';
import { measureThreads } from '../../../src-main/speed/measureThreads.ts';
import { coresIn } from '../../../src-main/speed/thisComputer.ts';
import { fixedThreads } from '../../../src-main/speed/threadVariables.ts';

const computer = { processor: 'Some processor', cores: 8, engine: 'tfjs 4' };
const now = (): Date => new Date('2026-05-04T09:12:00Z');

function measurer(rates: Readonly<Record<number, number>>, device: 'cpu' | 'gpu' = 'cpu') {
  const asked: number[] = [];
  const measure = async (threads: number): Promise<MeasuredRate> => {
    asked.push(threads);
    return Promise.resolve({ threads, flopsPerSecond: rates[threads] ?? NaN, device, tensorflowVersion: '2.18.1' });
  };
  return { asked, measure };
}

test.each([
  [1, undefined, [1]],
  [2, 2, [1, 2]],
  [3, undefined, [1, 3]],
  [8, 4, [1, 4, 8]],
  [16, 12, [1, 8, 12, 16]],
  // A container that may use fewer cores than the computer has.
  [4, 64, [1, 2, 4]],
])('of %i cores, %s of them physical, %j are tried', (cores, physical, candidates) => {
  expect(candidateThreads(cores, physical)).toEqual(candidates);
});

test('of numbers that are as fast within a twentieth the fewest is chosen', () => {
  const rates = (...list: readonly number[]) => list.map((flopsPerSecond, i) => ({ threads: 2 ** i, flopsPerSecond }));
  expect(fewestOfTheFastest(rates(50, 90, 100))).toBe(4);
  expect(fewestOfTheFastest(rates(50, 95, 100))).toBe(2);
  expect(fewestOfTheFastest(rates(100, 100, 100))).toBe(1);
  expect(fewestOfTheFastest(rates(100, 60, 30))).toBe(1);
});

test('every number is measured once, and what was measured is told ascending', async () => {
  const { asked, measure } = measurer({ 1: 10, 4: 38, 8: 39 });
  const result = await measureThreads({ computer, physicalCores: 4, measure, now }, new AbortController().signal);
  expect([...asked].sort()).toEqual([1, 4, 8]);
  expect(result).toEqual({
    ...computer,
    tensorflowVersion: '2.18.1',
    device: 'cpu',
    measuredAt: '2026-05-04T09:12:00.000Z',
    rates: [
      { threads: 1, flopsPerSecond: 10 },
      { threads: 4, flopsPerSecond: 38 },
      { threads: 8, flopsPerSecond: 39 },
    ],
    threads: 4,
  });
});

test('where a GPU computes all cores are kept, and nothing else is tried', async () => {
  const { asked, measure } = measurer({ 1: 1000, 8: 1000 }, 'gpu');
  const result = await measureThreads({ computer, physicalCores: 4, measure, now }, new AbortController().signal);
  expect([asked, result.threads]).toEqual([[8], 8]);
});

test('a cancel ends it before the next process', async () => {
  const controller = new AbortController();
  const { asked, measure } = measurer({ 8: 1 });
  const cancelling = async (threads: number): Promise<MeasuredRate> => {
    controller.abort();
    return measure(threads);
  };
  const measuring = measureThreads({ computer, physicalCores: 4, measure: cancelling, now }, controller.signal);
  await expect(measuring).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(asked).toEqual([8]);
});

test('physical cores are pairs of socket and core', () => {
  const cpu = (socket: number, core: number): string =>
    `processor\t: 0\nphysical id\t: ${socket}\ncore id\t\t: ${core}\n`;
  expect(coresIn([cpu(0, 0), cpu(0, 1), cpu(0, 0), cpu(1, 0)].join('\n'))).toBe(3);
  expect(coresIn('processor\t: 0\nBogoMIPS\t: 50\n')).toBeUndefined();
});

test('the person’s own variables decide, and only numbers do', () => {
  expect(fixedThreads({})).toBeUndefined();
  expect(fixedThreads({ OMP_NUM_THREADS: '' })).toBeUndefined();
  expect(fixedThreads({ OMP_NUM_THREADS: '0' })).toBeUndefined();
  expect(fixedThreads({ OMP_NUM_THREADS: '4,2' })).toEqual({ variable: 'OMP_NUM_THREADS', threads: 4 });
  expect(fixedThreads({ OMP_NUM_THREADS: '4', TF_NUM_INTRAOP_THREADS: '3' })).toMatchObject({ threads: 3 });
});
