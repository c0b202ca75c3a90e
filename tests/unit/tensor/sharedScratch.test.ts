import { expect, test } from 'vitest';
import { sharedScratch } from '../../../src-main/tensor/sharedScratch.ts';
import { kernelsWithoutLeaks, valuesOf } from '../../support/tensorBackend.ts';

const kernels = kernelsWithoutLeaks();

test('a tensor over the room sees what is written into it later', () => {
  // Bug: every piece of a model on its way is copied once more.
  const k = kernels();
  const room = sharedScratch(k, 1000);
  expect(room).toHaveLength(1000);
  const tensor = k.upload(room, [1000]);
  room.fill(7);
  expect(valuesOf(k, tensor).every((value) => value === 7)).toBe(true);
});
