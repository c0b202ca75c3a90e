import { describe, expect, test } from 'vitest';
import { judge } from '../../../src-main/training/keepSamples.ts';
import { LetterTokenizer } from '../data/letterTokenizer.ts';

const tokenizer = new LetterTokenizer({});
const row = (number: number, text: string, labels: number) => ({
  row: number,
  ids: Int32Array.from(tokenizer.encode(text, false)),
  loss: Uint8Array.from(text, (_, i) => (i >= text.length - labels ? 1 : 0)),
  truncated: 0,
});

describe('the held-out rows that went best and worst', () => {
  test('are ordered by their mean loss, not its sum, and each token has its own', () => {
    // The sum of the first is larger, its mean smaller.
    const rows = [row(4, 'abcdefgh', 6), row(9, 'xyz', 1)];
    const each = [Float32Array.of(1, 1, 1, 1, 1, 1), Float32Array.of(2)];
    const { worst, best, step, rows: count } = judge(30, rows, each, [2, 1.5], tokenizer);
    expect([step, count]).toEqual([30, 2]);
    expect(worst.map((each) => each.row)).toEqual([9, 4]);
    expect(best.map((each) => each.row)).toEqual([4, 9]);
    expect(worst[0]).toEqual({
      row: 9,
      loss: 2,
      baseLoss: 1.5,
      tokens: [
        { text: 'x', loss: null },
        { text: 'y', loss: null },
        { text: 'z', loss: 2 },
      ],
    });
  });

  test('are twenty of either end, without a loss before training where the rows are not the same ones', () => {
    const rows = Array.from({ length: 50 }, (_, i) => row(i + 1, 'ab', 1));
    const each = rows.map((_, i) => Float32Array.of(i));
    const { worst, best } = judge(1, rows, each, [1, 2, 3], tokenizer);
    expect(worst.map((each) => each.row)).toEqual(Array.from({ length: 20 }, (_, i) => 50 - i));
    expect(best.map((each) => each.row)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(worst[0]).not.toHaveProperty('baseLoss');
  });

  test('long rows are kept up to a bound, and what is left out is counted', () => {
    const { worst } = judge(1, [row(1, 'a'.repeat(1500), 10)], [new Float32Array(10)], undefined, tokenizer);
    expect(worst[0]?.tokens).toHaveLength(1024);
    expect(worst[0]?.more).toBe(476);
  });
});
