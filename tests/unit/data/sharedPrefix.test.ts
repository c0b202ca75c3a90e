import { expect, test } from 'vitest';
import { sharedPrefixOf } from '../../../src-main/data/sharedPrefix.ts';

function example(ids: readonly number[], lossFrom: number) {
  return { ids: Int32Array.from(ids), loss: Uint8Array.from(ids, (_, i) => (i >= lossFrom ? 1 : 0)) };
}

test('what all rows begin with ends where one differs, ends, or has a token that predicts one with loss', () => {
  // Bug: a label of a shared token, which would count once for all rows.
  const long = example([1, 2, 3, 4, 5, 6, 7], 6);
  expect(sharedPrefixOf([long, example([1, 2, 3, 4, 9, 6, 7], 6)])).toBe(4);
  expect(sharedPrefixOf([long, example([1, 2, 3], 9)])).toBe(3);
  expect(sharedPrefixOf([long, example([1, 2, 3, 4, 5, 6, 7], 3)])).toBe(2);
  expect(sharedPrefixOf([long, example([1, 2, 3, 4, 5, 6, 7], 0)])).toBe(0);
  expect(sharedPrefixOf([])).toBe(0);
});
