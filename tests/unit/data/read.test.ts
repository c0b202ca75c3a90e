import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ColumnMapping } from '../../../src-main/contract/data.ts';
import type { Example } from '../../../src-main/data/example.ts';
import { chunkBytes, maxRowBytes } from '../../../src-main/data/fileLines.ts';
import { readDataset } from '../../../src-main/data/read.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'sara-data-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const signal = new AbortController().signal;

async function read(
  name: string,
  content: string | Uint8Array,
  mapping?: ColumnMapping,
): ReturnType<typeof readDataset> {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return readDataset(file, mapping, signal);
}
const lines = (...values: unknown[]): string => values.map((value) => JSON.stringify(value)).join('\n');
const pairOf = (example: Example | undefined): unknown =>
  example?.kind === 'prompt' ? [example.prompt, example.completion] : undefined;

describe('layouts', () => {
  test('names of prompt and completion that are in use are found without mapping', async () => {
    for (const [prompt, completion] of [
      ['prompt', 'completion'],
      ['mr', 'ref'],
      ['question', 'answer'],
      ['prompt', 'response'],
    ] as const) {
      const { summary, examples } = await read('a.jsonl', lines({ [prompt]: 'P', [completion]: 'C', other: 1 }));
      expect(summary.layout).toBe('prompt');
      expect(pairOf(examples[0])).toEqual(['P', 'C']);
    }
  });

  test('instruction rows put the input under the instruction, and need none', async () => {
    const { summary, examples } = await read(
      'a.json',
      JSON.stringify([
        { instruction: 'Add.', input: '1 and 2', output: '3' },
        { instruction: 'Greet.', input: '', output: 'Hello', answer: 'x' },
        { instruction: 'Wave.', output: 'Bye' },
      ]),
    );
    expect(summary.layout).toBe('instruction');
    expect(examples.map(pairOf)).toEqual([
      ['Add.\n\n1 and 2', '3'],
      ['Greet.', 'Hello'],
      ['Wave.', 'Bye'],
    ]);
  });

  test('conversations are read in both spellings', async () => {
    const openAi = lines({
      messages: [
        { role: 'system', content: 'S' },
        { role: 'user', content: 'U' },
        { role: 'assistant', content: 'A' },
      ],
    });
    const shareGpt = lines({
      conversations: [
        { from: 'system', value: 'S' },
        { from: 'human', value: 'U' },
        { from: 'gpt', value: 'A' },
      ],
    });
    const messages = [
      { role: 'system', content: 'S' },
      { role: 'user', content: 'U' },
      { role: 'assistant', content: 'A' },
    ];
    for (const content of [openAi, shareGpt]) {
      expect((await read('a.jsonl', content)).examples).toEqual([{ kind: 'messages', row: 1, messages }]);
    }
  });

  test('faults inside a conversation name the turn', async () => {
    const turns = (...messages: unknown[]): unknown => ({ messages });
    const user = { role: 'user', content: 'U' };
    const { summary } = await read(
      'a.jsonl',
      lines(
        turns(user, { role: 'tool', content: 'x' }),
        turns(user, 'text'),
        turns(user, { role: 'assistant', content: ['x'] }),
        turns(user, { role: 'assistant', content: ' ' }),
        { messages: 'hello' },
        turns(user, { role: 'assistant', content: 'fine' }),
      ),
    );
    expect(summary.problems.map((problem) => problem.reason)).toEqual([
      'Turn 2 has the role “tool”; expected system, user or assistant.',
      'Turn 2 is text, not an object with role and content.',
      'Turn 2 holds a list, not text.',
      'Turn 2, an answer, is empty.',
      'The column “messages” holds text, not a list of turns.',
    ]);
    expect(summary.rows).toBe(1);
  });

  test('several references are kept for the metrics, the first is learnt', async () => {
    const { examples } = await read('a.jsonl', lines({ mr: 'M', refs: ['one', 'two'] }));
    expect(examples[0]).toEqual({ kind: 'prompt', row: 1, prompt: 'M', completion: 'one', references: ['one', 'two'] });
  });

  test('a row without the columns of the others is bad, not a reason to read the file otherwise', async () => {
    const { summary } = await read(
      'a.jsonl',
      lines({ prompt: 'a', completion: 'b' }, { text: 'c' }, { prompt: 'd', completion: 'e' }),
    );
    expect(summary).toMatchObject({ layout: 'prompt', rows: 2 });
    expect(summary.problems).toEqual([{ row: 2, reason: 'The column “prompt” is missing.' }]);
  });

  test('half of a surrogate pair is refused, since UTF-8 cannot hold it', async () => {
    const { summary } = await read('a.jsonl', '{"text": "a\\ud83d"}\n{"text": "a\\ud83d\\ude00"}');
    expect(summary).toMatchObject({ rows: 1, problemCount: 1 });
  });

  test('keys that JavaScript treats specially are plain columns', async () => {
    const { summary, examples } = await read(
      'a.jsonl',
      '{"__proto__": {"prompt": "evil"}, "completion": "C", "constructor": 1}\n{"prompt": "P", "completion": "C"}',
    );
    expect(summary.problems).toEqual([{ row: 1, reason: 'The column “prompt” is missing.' }]);
    expect(examples).toHaveLength(1);
    const csv = await read('a.csv', '__proto__,toString\nP,C\n', { prompt: '__proto__', completion: 'toString' });
    expect(csv.examples.map(pairOf)).toEqual([['P', 'C']]);
    expect(({} as Record<string, unknown>)['prompt']).toBeUndefined();
  });
});

describe('JSONL', () => {
  test('rows longer than a chunk and characters across its border are whole', async () => {
    const text = 'ä€😀'.repeat(chunkBytes / 4);
    const { examples } = await read('a.jsonl', lines({ text }, { text: 'after' }));
    expect(examples).toEqual([
      { kind: 'text', row: 1, text },
      { kind: 'text', row: 2, text: 'after' },
    ]);
  });

  test('a row beyond the limit is reported and the rows after it are read', async () => {
    const { summary, examples } = await read('a.jsonl', `{"text": "${'x'.repeat(maxRowBytes)}"}\n{"text": "after"}`);
    expect(summary.problems[0]).toMatchObject({ row: 1 });
    expect(examples).toEqual([{ kind: 'text', row: 2, text: 'after' }]);
  });

  test('a row that is no object or no JSON is named', async () => {
    const { summary } = await read('a.jsonl', '{"text": "x"}\n[1]\n"t"\n{"text": \nnull');
    expect(summary.problems.map((problem) => problem.row)).toEqual([2, 3, 4, 5]);
  });

  test('only the first 1000 problems are listed, all are counted', async () => {
    const { summary } = await read('a.jsonl', `{"text":"x"}\n${'bad\n'.repeat(1500)}{"text":"y"}`);
    expect(summary).toMatchObject({ rows: 2, problemCount: 1500 });
    expect(summary.problems).toHaveLength(1000);
  });

  test('UTF-16 is refused in words', async () => {
    const bytes = Buffer.from('\ufeff{"text":"x"}', 'utf16le');
    await expect(read('a.jsonl', bytes)).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: expect.stringContaining('UTF-16') as string,
    });
  });
});

describe('JSON list', () => {
  test('elements may lie anyhow, brackets in text do not count', async () => {
    const { examples } = await read('a.json', ' [ {"text":"a]}\\"["} ,\n\n{"text":\n"b"}]\n ');
    expect(examples).toEqual([
      { kind: 'text', row: 1, text: 'a]}"[' },
      { kind: 'text', row: 2, text: 'b' },
    ]);
  });

  test('an element that is no object costs that row alone', async () => {
    const { summary, examples } = await read('a.json', '[{"text":"a"}, 5, "x,y", {"text":}, {"text":"b"}]');
    expect(summary.problems.map((problem) => problem.row)).toEqual([2, 3, 4]);
    expect(examples.map((example) => example.row)).toEqual([1, 5]);
  });

  test('a fault between the elements or an early end is named, never passed over', async () => {
    for (const [content, row, reason] of [
      ['[{"text":"a"} {"text":"b"}]', 2, /comma/],
      ['[{"text":"a"},]', 2, /Expected a row/],
      ['[{"text":"a"}, {"text":"b"', 2, /ends inside this row/],
      ['[{"text":"a"},', 2, /ends before the list/],
      ['[{"text":"a"}] x', 2, /more after the end/],
    ] as const) {
      const { summary } = await read('a.json', content);
      expect(summary.problems[0]?.row).toBe(row);
      expect(summary.problems[0]?.reason).toMatch(reason);
    }
  });

  test('an empty list has no rows', async () => {
    await expect(read('a.json', '[ ]')).rejects.toMatchObject({ code: 'DATA_INVALID' });
  });
});

describe('CSV', () => {
  test('a stray quote costs its row; the rows after it are read, quoted ones too', async () => {
    const { summary, examples } = await read(
      'a.csv',
      'prompt,completion\r\n"open,1\r\nb,2\r\n"c, ""d""\r\nx",3\r\ne,4\r\n',
    );
    expect(summary.problems).toHaveLength(1);
    expect(summary.problems[0]?.row).toBe(2);
    expect(examples.map((example) => [example.row, pairOf(example)])).toEqual([
      [3, ['b', '2']],
      [4, ['c, "d"\r\nx', '3']],
      [6, ['e', '4']],
    ]);
  });

  test('an unescaped quote inside quotes is named with its line', async () => {
    const { summary } = await read('a.csv', 'prompt,completion\na,b\n"he said "hi" to me",c\nd,e\n');
    expect(summary.problems).toEqual([
      { row: 3, reason: 'Text follows a closing quote on line 3; inside quotes a quote is written twice.' },
    ]);
    expect(summary.rows).toBe(2);
  });

  test('a quote in the middle of an unquoted value is a quote', async () => {
    expect((await read('a.csv', 'prompt,completion\n5" disk,yes\n')).examples.map(pairOf)).toEqual([
      ['5" disk', 'yes'],
    ]);
  });

  test('a row with too few or too many values is named', async () => {
    const { summary } = await read('a.csv', 'prompt,completion\na\nb,c\nd,e,f\n');
    expect(summary.problems).toEqual([
      { row: 2, reason: 'The row has 1 value, the header 2 columns.' },
      { row: 4, reason: 'The row has 3 values, the header 2 columns.' },
    ]);
  });

  test('tabs, and a text column alone', async () => {
    expect((await read('a.tsv', 'prompt\tcompletion\na, b\tc\n')).examples.map(pairOf)).toEqual([['a, b', 'c']]);
    expect((await read('a.csv', 'text\n"a, b"\n\nc\n')).examples).toMatchObject([
      { row: 2, text: 'a, b' },
      { row: 4, text: 'c' },
    ]);
  });

  test('a row that is not UTF-8 is named, the others are read', async () => {
    const bytes = Buffer.concat([
      Buffer.from('prompt,completion\na,b\ncaf'),
      Buffer.of(0xe9),
      Buffer.from(',x\nc,d\n'),
    ]);
    const { summary } = await read('a.csv', bytes);
    expect(summary.problems.map((problem) => problem.row)).toEqual([3]);
    expect(summary.rows).toBe(2);
  });

  test('a column name that appears twice is said, and the first is used', async () => {
    const { summary, examples } = await read('a.csv', 'prompt,completion,prompt\na,b,c\n');
    expect(examples.map(pairOf)).toEqual([['a', 'b']]);
    expect(summary.notices.join()).toContain('“prompt”');
  });

  test('many rows over several chunks keep their numbers', async () => {
    const rows = Array.from({ length: 30_000 }, (_, i) => `"question ${i}, of\nmany",answer ${i}`);
    const { summary, examples } = await read('a.csv', `prompt,completion\n${rows.join('\n')}\n`);
    expect(summary).toMatchObject({ rows: 30_000, problemCount: 0 });
    expect(examples[29_999]).toMatchObject({ row: 2 + 2 * 29_999, completion: 'answer 29999' });
  });
});

describe('files', () => {
  test('a file that is missing, below a file, or no data file is named', async () => {
    await expect(readDataset(path.join(folder, 'none.jsonl'), undefined, signal)).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
    });
    await expect(readDataset(path.join(folder, 'a.csv', 'b'), undefined, signal)).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
    });
    await expect(read('a.parquet', 'PAR1abc')).rejects.toMatchObject({ code: 'DATA_INVALID' });
    await expect(read('a.csv', '')).rejects.toMatchObject({ code: 'DATA_INVALID' });
    await expect(read('b.csv', 'prompt,completion\n')).rejects.toMatchObject({ code: 'DATA_INVALID' });
  });

  test('reading can be cancelled', async () => {
    const controller = new AbortController();
    controller.abort();
    const file = path.join(folder, 'c.jsonl');
    writeFileSync(file, '{"text":"x"}');
    await expect(readDataset(file, undefined, controller.signal)).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
