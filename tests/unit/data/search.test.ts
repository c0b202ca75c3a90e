import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { IndexedDataset } from '../../../src-main/data/indexedDataset.ts';
import { searchRows } from '../../../src-main/data/search.ts';

const { signal } = new AbortController();
let folder = '';
let dataset: IndexedDataset;
const rows = 10_000;
beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'sara-search-'));
  const file = path.join(folder, 'rows.jsonl');
  const line = (i: number): string => {
    // Every tenth row cannot be used, so that numbers and places differ.
    if (i % 10 === 9) return '{"prompt":';
    const turns = [
      { role: 'user', content: `Question ${i} [a+b]` },
      { role: 'assistant', content: i % 1000 === 500 ? `A long\nway to the CAFÉ au lait, ${'x'.repeat(300)}` : 'No.' },
    ];
    return JSON.stringify({ messages: turns, id: i });
  };
  writeFileSync(file, Array.from({ length: rows }, (_, i) => line(i)).join('\n'));
  dataset = await IndexedDataset.scan(file, undefined, signal);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('searching rows', () => {
  // Would catch: a search in the JSON text, where é is \u00e9 and a line break is \n.
  test('finds a text inside nested columns, upper and lower case alike, with its place and what is around it', async () => {
    const found = await searchRows(dataset, 'to the café', 1000, signal);
    expect(found).toMatchObject({ count: 10, rows: 9000 });
    const [first] = found.matches;
    expect(first).toMatchObject({ row: 501, index: 450 });
    expect(first?.excerpt.slice(first.from, first.to)).toBe('to the CAFÉ');
    expect(first?.excerpt.startsWith('A long way to the CAFÉ au lait')).toBe(true);
    expect(first?.excerpt.length).toBeLessThan(200);
  });

  test('signs with a meaning in patterns are taken as they are; all matches are counted, the first listed', async () => {
    expect(await searchRows(dataset, '[a+b]', 5, signal)).toMatchObject({ count: 9000, matches: { length: 5 } });
    expect(await searchRows(dataset, '[a-b]', 5, signal)).toMatchObject({ count: 0, matches: [] });
  });

  test('the place of every row is that in the list, and rows that cannot be used have none', async () => {
    for (const row of [1, 9, 501, 4097, 9999]) {
      const place = await dataset.placeOf(row, signal);
      const [at] = await dataset.rows(place ?? -1, 1, signal);
      expect(at?.example.row).toBe(row);
    }
    expect(await dataset.placeOf(10, signal)).toBeUndefined();
    expect(await dataset.placeOf(20_000, signal)).toBeUndefined();
  });
});
