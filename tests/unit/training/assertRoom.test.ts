import { expect, test } from 'vitest';
import { assertRoom } from '../../../src-main/training/assertRoom.ts';

test('full fine-tuning is refused where value, gradient and moments do not fit, and says what it needs', () => {
  expect(() => assertRoom(1e9, 16e9)).not.toThrow();
  expect(() => assertRoom(1e9, 15.9e9)).toThrow(/16\.0 GB .* 15\.9 GB are free/);
});
