import { describe, expect, test } from 'vitest';
import type { Example } from '../../../src-main/data/example.ts';
import { drawRows, splitExamples } from '../../../src-main/data/split.ts';

/** 200 rows, four to a prompt, as in E2E where one meaning has several texts. */
const rows: Example[] = Array.from({ length: 200 }, (_, i) => ({
  kind: 'prompt',
  row: i + 1,
  prompt: `meaning ${Math.floor(i / 4)}`,
  completion: `text ${i}`,
}));
const numbers = (examples: readonly Example[]): number[] => examples.map((example) => example.row);
const prompts = (examples: readonly Example[]): Set<string> =>
  new Set(examples.map((example) => (example.kind === 'prompt' ? example.prompt : '')));

describe('splitExamples', () => {
  test('every row lands on one side, about the share is held out', () => {
    const { train, validation } = splitExamples(rows, 0.1, 7);
    expect([...numbers(train), ...numbers(validation)].sort((a, b) => a - b)).toEqual(numbers(rows));
    expect(validation).toHaveLength(20);
  });

  test('a prompt is never on both sides', () => {
    const { train, validation } = splitExamples(rows, 0.3, 1);
    const trained = prompts(train);
    for (const prompt of prompts(validation)) expect(trained).not.toContain(prompt);
  });

  test('the seed decides', () => {
    const held = (seed: number): number[] => numbers(splitExamples(rows, 0.1, seed).validation);
    expect(held(1)).toEqual(held(1));
    expect(held(1)).not.toEqual(held(2));
  });

  test('something is held out of a small file, and something is left to train on', () => {
    for (const share of [0.01, 0.5, 0.99]) {
      const { train, validation } = splitExamples(rows.slice(0, 8), share, 0);
      expect([train.length, validation.length]).toEqual([4, 4]);
    }
    expect(splitExamples(rows.slice(0, 1), 0.5, 0).validation).toEqual([]);
    expect(splitExamples(rows, 0, 0).validation).toEqual([]);
  });

  test('a file with a single prompt is split by rows', () => {
    expect(splitExamples(rows.slice(0, 4), 0.25, 0).validation).toHaveLength(1);
  });

  test('one prompt with very many rows does not swallow the held-out share', () => {
    const uneven = rows.map((row, i): Example => (row.kind === 'prompt' && i < 150 ? { ...row, prompt: 'x' } : row));
    for (const seed of [0, 1, 2, 3, 4, 5]) {
      expect(splitExamples(uneven, 0.1, seed).train.length).toBeGreaterThan(0);
    }
  });
});

describe('drawRows', () => {
  test('draws by seed, keeps the order of the file, gives all where there are fewer', () => {
    const drawn = numbers(drawRows(rows, 50, 3, 'training rows'));
    expect(drawn).toHaveLength(50);
    expect(new Set(drawn).size).toBe(50);
    expect([...drawn].sort((a, b) => a - b)).toEqual(drawn);
    expect(drawn).not.toEqual(numbers(drawRows(rows, 50, 3, 'validation rows')));
    expect(drawRows(rows, 500, 3, 'training rows')).toBe(rows);
    expect(drawRows(rows, undefined, 3, 'training rows')).toBe(rows);
  });
});
