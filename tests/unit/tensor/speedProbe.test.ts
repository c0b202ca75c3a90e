import { expect, test } from 'vitest';
import { openBackend } from '../../../src-main/tensor/backend.ts';
import { measureFlopsPerSecond } from '../../../src-main/tensor/speedProbe.ts';
import type { Clock } from '../../../src-main/util/clock.ts';

/** A quarter of a second passes between two looks at it. */
function slowClock(): Clock {
  let now = 0;
  return { now: () => (now += 250) };
}

test('the rate is that of the products of a step, and no tensor is left', async () => {
  const { kernels } = await openBackend();
  const before = kernels.live;
  const rate = await measureFlopsPerSecond(kernels, slowClock(), new AbortController().signal);
  // Four products of 1024 × 576 × 1536 in a quarter of a second.
  expect(rate).toBe((4 * 2 * 1024 * 576 * 1536) / 0.25);
  expect(kernels.live).toBe(before);
});

test('a cancel ends it, and no tensor is left', async () => {
  const { kernels } = await openBackend();
  const before = kernels.live;
  const measuring = measureFlopsPerSecond(kernels, slowClock(), AbortSignal.abort());
  await expect(measuring).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(kernels.live).toBe(before);
});
