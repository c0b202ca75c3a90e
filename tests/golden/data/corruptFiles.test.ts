/** Each broken file of the fixtures against the reaction that its README asks for. */
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RowProblem } from '../../../src-main/contract/data.ts';
import { readDataset, usableExamples } from '../../../src-main/data/read.ts';

const folder = path.join(import.meta.dirname, '..', 'fixtures', 'corrupt', 'data');
const signal = new AbortController().signal;

async function read(name: string): ReturnType<typeof readDataset> {
  return readDataset(path.join(folder, name), undefined, signal);
}

describe('sound files', () => {
  const pairs = [
    { prompt: '2+2=', completion: '4' },
    { prompt: '3+3=', completion: '6' },
  ];
  const expected: Record<string, unknown[]> = {
    'sound.jsonl': [...pairs, { prompt: 'Capital of Italy?', completion: 'Rome' }],
    'sound-crlf-bom.jsonl': pairs,
    'sound-no-final-newline.jsonl': pairs,
    'sound-blank-lines.jsonl': pairs,
    'array-not-lines.jsonl': pairs,
    'sound.csv': [pairs[0], { prompt: 'a, b', completion: 'he said "yes"\nand left' }],
    'semicolons.csv': [pairs[0]],
  };
  for (const [name, rows] of Object.entries(expected)) {
    test(`${name} is read in full, without a stray mark or carriage return`, async () => {
      const dataset = await read(name);
      expect(usableExamples(dataset, false)).toMatchObject(rows);
      expect(dataset.summary).toMatchObject({ layout: 'prompt', rows: rows.length, problemCount: 0 });
      expect(dataset.summary.columns).toEqual(['prompt', 'completion']);
    });
  }

  test('rows keep the number of their line', async () => {
    expect((await read('sound-blank-lines.jsonl')).examples.map((example) => example.row)).toEqual([2, 5]);
    expect((await read('sound.csv')).examples.map((example) => example.row)).toEqual([2, 3]);
  });

  test('other separators and a list in a JSONL file are said', async () => {
    expect((await read('semicolons.csv')).summary.notices.join()).toContain('semicolons');
    expect((await read('array-not-lines.jsonl')).summary.notices.join()).toContain('list');
  });
});

describe('files with bad rows', () => {
  const expected: Record<string, { rows: number; problems: [number, RegExp][] }> = {
    'invalid-utf8.jsonl': { rows: 2, problems: [[2, /UTF-8/]] },
    'empty-completion.jsonl': { rows: 2, problems: [[2, /completion.*empty/]] },
    'no-assistant.jsonl': { rows: 0, problems: [[1, /no answer/]] },
    'deep.jsonl': { rows: 0, problems: [[1, /nested/]] },
    'unclosed-quote.csv': { rows: 2, problems: [[3, /opened on line 3 is not closed/]] },
    'mixed-types.jsonl': {
      rows: 0,
      problems: [
        [1, /completion.*number/],
        [2, /prompt.*null/],
        [3, /prompt.*list/],
        [4, /completion.*true/],
      ],
    },
  };
  for (const [name, { rows, problems }] of Object.entries(expected)) {
    test(`${name}: every bad row is named with its reason, and nothing is used unasked`, async () => {
      const dataset = await read(name);
      expect(dataset.summary).toMatchObject({ rows, problemCount: problems.length });
      for (const [i, [row, reason]] of problems.entries()) {
        const problem: RowProblem | undefined = dataset.summary.problems[i];
        expect(problem?.row).toBe(row);
        expect(problem?.reason).toMatch(reason);
      }
      expect(() => usableExamples(dataset, false)).toThrow(expect.objectContaining({ code: 'DATA_INVALID' }));
      if (rows > 0) expect(usableExamples(dataset, true)).toHaveLength(rows);
      else expect(() => usableExamples(dataset, true)).toThrow(/No other row/);
    });
  }

  test('empty prompts are accepted and said', async () => {
    const dataset = await read('empty-prompt.jsonl');
    expect(usableExamples(dataset, false)).toHaveLength(2);
    expect(dataset.summary.notices).toEqual(['2 rows have an empty prompt.']);
  });
});

describe('files that cannot be used as they are', () => {
  test('a file of blank lines has no rows', async () => {
    await expect(read('blank-only.jsonl')).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: expect.stringContaining('blank-only.jsonl has no rows') as string,
    });
  });

  for (const [name, found] of [
    ['wrong-keys.jsonl', 'question, label'],
    ['no-header.csv', '2+2=, 4'],
  ] as const) {
    test(`${name}: the columns found and those expected are named`, async () => {
      const dataset = await read(name);
      expect(dataset.summary.layout).toBeUndefined();
      expect(() => usableExamples(dataset, false)).toThrow(
        expect.objectContaining({
          code: 'DATA_MAPPING',
          message: expect.stringMatching(
            `${found.replace('+', '\\+')}; expected are .*prompt and completion`,
          ) as string,
        }),
      );
    });
  }

  test('the person can map the columns, numbers included', async () => {
    const mapping = { prompt: 'question', completion: 'label' };
    const dataset = await readDataset(path.join(folder, 'wrong-keys.jsonl'), mapping, signal);
    expect(usableExamples(dataset, false)).toMatchObject([
      { prompt: '2+2?', completion: '4' },
      { prompt: '3+3?', completion: '6' },
    ]);
  });

  test('a mapped column that does not exist is named with those that do', async () => {
    const mapping = { prompt: 'question', completion: 'reply' };
    await expect(readDataset(path.join(folder, 'wrong-keys.jsonl'), mapping, signal)).rejects.toMatchObject({
      code: 'DATA_MAPPING',
      message: expect.stringMatching(/“reply”.*question, label/) as string,
    });
  });
});
