/** Documents, folders, and pages of any format from the index. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { IndexedDataset, IndexedDatasets } from '../../../src-main/data/indexedDataset.ts';
import { readDataset } from '../../../src-main/data/read.ts';
import { RowIndex } from '../../../src-main/data/rowIndex.ts';
import { stretchesOf } from '../../../src-main/data/stretches.ts';
import { tokeniseDataset } from '../../../src-main/data/tokenise.ts';
import { LetterTokenizer } from './letterTokenizer.ts';

const { signal } = new AbortController();
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'sara-places-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function put(name: string, content: string): string {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

describe('documents', () => {
  const paragraph = (n: number): string => `Paragraph ${String(n)}: ${'word '.repeat(300)}end.`;
  const text = Array.from({ length: 40 }, (_, n) => paragraph(n)).join('\n\n');

  test('whole paragraphs make passages of about 8,000 bytes, and nothing is lost between them', async () => {
    const { summary, examples } = await readDataset(put('book.txt', text), undefined, signal);
    expect(summary).toMatchObject({ format: 'text', layout: 'text', problemCount: 0, columns: ['text'] });
    expect(examples.length).toBeGreaterThan(4);
    expect(examples[0]?.row).toBe(1);
    const texts = examples.map((example) => (example.kind === 'text' ? example.text : ''));
    expect(texts.join('\n\n')).toBe(text);
    for (const each of texts) expect(each).toMatch(/^Paragraph \d+:.*end\.$/s);
    expect(examples.map((example) => example.kind === 'text' && example.passage?.last)).toEqual(
      examples.map((_, i) => i === examples.length - 1),
    );
  });

  test('a text without blank lines is cut at lines, one with CRLF and a mark reads the same', async () => {
    const lines = Array.from({ length: 3000 }, (_, i) => `line ${String(i)} of a log`).join('\n');
    const { examples } = await readDataset(put('log.txt', lines), undefined, signal);
    expect(examples.length).toBeGreaterThan(1);
    expect(examples.map((example) => (example.kind === 'text' ? example.text : '')).join('\n')).toBe(lines);
    const windows = await readDataset(put('win.md', `\ufeff${lines.replaceAll('\n', '\r\n')}`), undefined, signal);
    expect(windows.examples.map((example) => (example.kind === 'text' ? example.text : '')).join('\n')).toBe(lines);
  });

  test('an empty document has no rows', async () => {
    await expect(readDataset(put('none.txt', ' \n\n'), undefined, signal)).rejects.toMatchObject({
      code: 'DATA_INVALID',
    });
  });

  test('training learns every token of a passage exactly once, and the end token once a document', async () => {
    const tokenizer = new LetterTokenizer({});
    const file = put('short.txt', 'abcdefghij');
    const { examples } = await readDataset(file, undefined, signal);
    const options = { template: 'plain', completionOnly: true, sequenceLength: 4, vocabularySize: 256 } as const;
    const tokenised = await tokeniseDataset(examples, tokenizer, options, signal);
    const learnt = tokenised.examples.flatMap(({ ids, loss }) => [...ids].filter((_, i) => loss[i] === 1));
    const [first] = tokenised.examples;
    expect(tokenizer.decode([first?.ids[0] ?? 0, ...learnt], true)).toContain('abcdefghij');
    expect(learnt.filter((id) => tokenizer.eosIds.includes(id))).toHaveLength(1);
    expect(tokenised).toMatchObject({ truncatedRows: 0, truncatedTokens: 0 });
    for (const { ids } of tokenised.examples) expect(ids.length).toBeLessThanOrEqual(4);
  });

  test.each([5, 6, 7, 8, 9, 10, 11])('a row of %i tokens in stretches of 4', (length) => {
    const ids = Int32Array.from({ length }, (_, i) => i);
    const loss = Uint8Array.from({ length }, (_, i) => (i > 0 ? 1 : 0));
    const stretches = stretchesOf({ row: 1, ids, loss, truncated: 0 }, 4);
    const learnt = stretches.flatMap((each) => [...each.ids].filter((_, i) => each.loss[i] === 1));
    expect(learnt).toEqual([...ids].slice(1));
    for (const each of stretches) expect(each.ids.length).toBeGreaterThan(1);
  });
});

describe('folders', () => {
  test('the files of a folder are one data set, numbered through; a README beside rows is left out', async () => {
    put('set/b.csv', 'prompt,completion\nb1,2\nb2,\n');
    put('set/a.jsonl', '{"prompt":"a1","completion":"1"}\n{"prompt":"a2","completion":"2"}\n');
    put('set/deeper/c.json', '[{"prompt":"c1","completion":"3"}]');
    put('set/README.md', '# About');
    put('set/.hidden.jsonl', 'not JSON');
    const { summary, examples } = await readDataset(path.join(folder, 'set'), undefined, signal);
    expect(summary).toMatchObject({
      format: 'folder',
      rows: 4,
      files: ['a.jsonl', 'b.csv', path.join('deeper', 'c.json')],
    });
    expect(summary.notices.join()).toContain('README.md');
    expect(examples.map(({ row }) => row)).toEqual([1, 2, 3, 5]);
    expect(summary.problems).toMatchObject([{ row: 4, reason: expect.stringContaining('b.csv, row 3:') as string }]);
  });

  test('a folder of documents alone is read as documents, one without data is refused', async () => {
    put('texts/one.txt', 'First text.');
    put('texts/two.md', 'Second text.');
    const { examples } = await readDataset(path.join(folder, 'texts'), undefined, signal);
    expect(examples).toMatchObject([{ text: 'First text.' }, { text: 'Second text.' }]);
    mkdirSync(path.join(folder, 'empty'));
    await expect(readDataset(path.join(folder, 'empty'), undefined, signal)).rejects.toMatchObject({
      code: 'DATA_INVALID',
    });
  });
});

describe('pages from the index', () => {
  const rows = Array.from({ length: 9000 }, (_, i) => ({
    prompt: `q${String(i)}\n“é”`,
    completion: i % 10 === 4 ? '' : `a${String(i)}`,
  }));
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const contents: readonly (readonly [string, string])[] = [
    ['p.jsonl', `\ufeff${rows.map((row) => JSON.stringify(row)).join('\r\n')}`],
    ['p.json', ` [${rows.map((row) => JSON.stringify(row)).join(' ,\n')}]`],
    ['p.csv', `prompt;completion\n${rows.map((row) => `${quoted(row.prompt)};${quoted(row.completion)}`).join('\n')}`],
    ['p.txt', rows.map((row) => `${row.prompt} ${'x'.repeat(2000)}\n`).join('\n')],
  ];

  test.each(contents)('every page of %s is the same as in the whole file', async (name, content) => {
    const file = put(name, content);
    const whole = await readDataset(file, undefined, signal);
    const dataset = await IndexedDataset.scan(file, undefined, signal);
    expect(dataset.summary).toEqual(whole.summary);
    const total = whole.examples.length;
    for (const from of [0, 1, 99, 100, 101, Math.floor(total / 2), total - 3]) {
      const page = await dataset.rows(from, 5, signal);
      expect(
        page.map(({ example }) => example),
        `${name} from ${String(from)}`,
      ).toEqual(whole.examples.slice(from, from + 5));
    }
    expect(await dataset.rows(total, 5, signal)).toEqual([]);
  });

  test('pages of a folder lie in the right file', async () => {
    const line = (name: string, n: number): string => JSON.stringify({ text: `${name} ${String(n)}` });
    const linesOf = (name: string): string => Array.from({ length: 50 }, (_, n) => line(name, n)).join('\n');
    for (const name of ['a', 'b', 'c']) put(`pages/${name}.jsonl`, linesOf(name));
    const dataset = await IndexedDataset.scan(path.join(folder, 'pages'), undefined, signal);
    const page = await dataset.rows(98, 4, signal);
    expect(page.map(({ example }) => example)).toMatchObject([
      { row: 99, text: 'b 48' },
      { row: 100, text: 'b 49' },
      { row: 101, text: 'c 0' },
      { row: 102, text: 'c 1' },
    ]);
  });

  test('the index stays small and still finds every row', () => {
    const index = new RowIndex();
    let asked = 0;
    for (let row = 0; row < 100_000; row += 1) {
      index.add(() => {
        asked += 1;
        return { row, at: row * 10 };
      });
    }
    expect(asked).toBeLessThan(30_000);
    for (const row of [0, 1, 63, 64, 4097, 50_000, 99_999]) {
      const near = index.near(row);
      expect((near?.position.row ?? -1) + (near?.skip ?? 0)).toBe(row);
      expect(near?.skip).toBeLessThan(32);
    }
    expect(index.near(100_000)).toBeUndefined();
  });

  // Would catch: pages of a file as it was before the person mended it.
  test('a file that has changed is gone through again, an unchanged one is not', async () => {
    const file = put('changing.jsonl', '{"text":"one"}\n');
    const datasets = new IndexedDatasets();
    const first = await datasets.open(file, undefined, signal);
    expect(await datasets.open(file, undefined, signal)).toBe(first);
    writeFileSync(file, '{"text":"one"}\n{"text":"two"}\n');
    utimesSync(file, 1, 1);
    expect((await datasets.open(file, undefined, signal)).summary.rows).toBe(2);
  });
});
