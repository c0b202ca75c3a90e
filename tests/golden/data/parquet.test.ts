/** Parquet files of pyarrow; parquet/generate.py makes them. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { IndexedDataset } from '../../../src-main/data/indexedDataset.ts';
import { readDataset } from '../../../src-main/data/read.ts';

const { signal } = new AbortController();
const files = path.join(import.meta.dirname, 'parquet');
const expected = JSON.parse(readFileSync(path.join(files, 'expected.json'), 'utf8')) as readonly {
  readonly prompt: string;
  readonly completion: string;
}[];

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'sara-parquet-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test.each(['none', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4', 'plain'])(
  'rows of %s are those that pyarrow wrote, numbered through the row groups',
  async (name) => {
    const { summary, examples } = await readDataset(path.join(files, `${name}.parquet`), undefined, signal);
    expect(summary).toMatchObject({
      format: 'parquet',
      columns: ['prompt', 'completion', 'n'],
      layout: 'prompt',
      rows: 39,
    });
    expect(summary.problems.map((problem) => problem.row)).toEqual([4]);
    expect(examples).toEqual(
      expected.flatMap(({ prompt, completion }, i) =>
        completion === '' ? [] : [{ kind: 'prompt', row: i + 1, prompt, completion }],
      ),
    );
  },
);

test('any page is found again from the index, across row groups', async () => {
  const dataset = await IndexedDataset.scan(path.join(files, 'zstd.parquet'), undefined, signal);
  const page = await dataset.rows(14, 5, signal);
  expect(page.map(({ example }) => example.row)).toEqual([16, 17, 18, 19, 20]);
  // 2⁵³ + 15 is no exact number in JavaScript, so it is shown as text.
  expect(JSON.parse(page[0]?.source.raw() ?? '')).toMatchObject({ n: '9007199254741007' });
});

describe('nested columns', () => {
  test('conversations and lists of text are read; what is nested further is left out by name', async () => {
    const { summary, examples } = await readDataset(path.join(files, 'nested.parquet'), undefined, signal);
    expect(summary.columns).toEqual(['messages', 'refs', 'when', 'ok']);
    expect(summary.layout).toBe('messages');
    expect(examples).toMatchObject([{ kind: 'messages', row: 1, messages: [{ role: 'user', content: 'Hi' }, {}] }]);
    expect(summary.problems).toMatchObject([{ row: 2, reason: expect.stringContaining('holds null') as string }]);
    for (const words of [
      '“meta” is nested (a structure)',
      '“deep” is nested (a list of lists',
      '“pairs” is nested (a map)',
    ]) {
      expect(summary.notices.join('\n')).toContain(words);
    }
  });

  test('a file of nested columns alone is refused', async () => {
    await expect(readDataset(path.join(files, 'only-nested.parquet'), undefined, signal)).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: expect.stringContaining('all are nested') as string,
    });
  });
});

test('bytes that are not UTF-8 cost their row, not the file', async () => {
  const { summary, examples } = await readDataset(path.join(files, 'bytes.parquet'), undefined, signal);
  expect(summary.problems).toMatchObject([{ row: 2, reason: expect.stringContaining('UTF-8') as string }]);
  expect(examples).toMatchObject([{ text: 'sound' }, { text: 'also sound' }]);
});

describe('damaged files', () => {
  function damaged(name: string, change: (file: string) => void): string {
    const file = path.join(folder, name);
    copyFileSync(path.join(files, 'none.parquet'), file);
    change(file);
    return file;
  }
  const flip = (file: string, at: number): void => {
    const bytes = readFileSync(file);
    bytes.fill(0xff, at < 0 ? bytes.length + at : at, (at < 0 ? bytes.length + at : at) + 64);
    writeFileSync(file, bytes);
  };

  test.each([
    ['short.parquet', (file: string) => writeFileSync(file, 'PAR1'), 'shorter than any'],
    ['cut.parquet', (file: string) => truncateSync(file, 900), 'PAR1'],
    ['footer.parquet', (file: string) => flip(file, -400), 'cannot be'],
    ['pages.parquet', (file: string) => flip(file, 4), 'cannot be'],
    [
      'length.parquet',
      (file: string) => {
        const bytes = readFileSync(file);
        bytes.writeUInt32LE(0x7fffffff, bytes.length - 8);
        writeFileSync(file, bytes);
      },
      'its description would have',
    ],
  ] as const)('%s is refused with a sentence', async (name, change, words) => {
    await expect(readDataset(damaged(name, change), undefined, signal)).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: expect.stringContaining(words) as string,
    });
  });
});
