import { expect, test } from 'vitest';
import { MemoryWatch } from '../../../src-main/training/memoryWatch.ts';

const mebibyte = 2 ** 20;

/** What the watch says over this many steps. */
function watched(steps: number, use: (step: number) => { tensors?: number; resident?: number }): string[] {
  const watch = new MemoryWatch();
  return Array.from({ length: steps }, (_, i) => {
    const { tensors = 100, resident = 900 * mebibyte } = use(i + 1);
    return watch.observe(i + 1, { tensors, tensorBytes: 4 * tensors, residentBytes: resident });
  }).filter((text) => text !== undefined);
}

test('a training that settles and has peaks at its evaluations is left in peace', () => {
  const resident = (step: number): number => (600 + 300 * Math.min(1, step / 150)) * mebibyte;
  expect(watched(5000, (step) => ({ resident: resident(step) + (step % 20 === 0 ? 2000 * mebibyte : 0) }))).toEqual([]);
});

test('one tensor forgotten in each step is told once, with figures and what to do', () => {
  const [text, ...more] = watched(2000, (step) => ({ tensors: 100 + step }));
  expect(text).toMatch(/tensors from 251 to \d+ .*Stop and resume/);
  expect(more).toEqual([]);
});

test('resident memory that climbs slowly is told although the tensors stay as many', () => {
  // 1 MiB a step: found after less than 300 steps of it, far below what a machine has.
  const [text] = watched(600, (step) => ({ resident: (900 + step) * mebibyte }));
  expect(text).toMatch(/Memory grows: from step 200 to 500/);
});
