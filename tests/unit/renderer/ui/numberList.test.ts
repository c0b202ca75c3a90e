import { expect, test } from 'vitest';
import { parseNumberList, writeNumber } from '../../../../src-renderer/ui/numberList.ts';

const layers = { min: 0, max: 29, integer: true };

test('numbers are taken in any usual writing, each once', () => {
  expect(parseNumberList('1e-3, 0.003;0.001 3', { min: 0, max: 10 })).toEqual([0.001, 0.003, 3]);
  expect(parseNumberList('0-2, 5, 2', layers)).toEqual([0, 1, 2, 5]);
  expect(parseNumberList('  ', layers)).toEqual([]);
});

test('what is no number, not whole or outside the bounds is refused as a whole', () => {
  for (const text of ['a', '1.5', '30', '-1', '3-1', '0-30', '1,,x']) {
    expect(parseNumberList(text, layers), text).toBeUndefined();
  }
});

// Would catch: a range that fills the memory.
test('a list longer than allowed is refused', () => {
  expect(parseNumberList('0-999999999', { min: 0, max: 1e12, integer: true })).toBeUndefined();
});

test('a number that is written reads back as the same', () => {
  for (const value of [0.001, 3e-4, 1, 100, 0.035, 1e-9, 123456]) expect(Number(writeNumber(value))).toBe(value);
  expect(writeNumber(0.0003)).toBe('3e-4');
});
