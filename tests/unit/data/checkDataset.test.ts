import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DataFinding } from '../../../src-main/contract/dataCheck.ts';
import { dataConfigSchema, type DataConfig } from '../../../src-main/contract/requests.schema.ts';
import { checkDataset } from '../../../src-main/data/checkDataset.ts';
import { readRunRows } from '../../../src-main/data/runRows.ts';
import { LetterTokenizer } from './letterTokenizer.ts';

const { signal } = new AbortController();
const rows = [
  ['What is a cat?', 'An animal.'],
  ['What is a cat?', 'An animal.'],
  ['what is  a CAT?', 'an animal.'],
  ['What is a dog', 'Another one.'],
  ['', 'No question.'],
  ['Long?', 'x'.repeat(200)],
  ['Bad?', ''],
  ['Что это?', 'Это собака, и она большая.'],
  ['何ですか', 'これは犬です。'],
] as const;
const heldOut = [
  ['What is a dog?', 'A dog.'],
  ['Long?', 'Short.'],
] as const;

let folder = '';
let data: DataConfig;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'sara-check-'));
  const put = (name: string, own: readonly (readonly [string, string])[]): string => {
    const file = path.join(folder, name);
    writeFileSync(file, own.map(([prompt, completion]) => JSON.stringify({ prompt, completion })).join('\n'));
    return file;
  };
  data = dataConfigSchema.parse({
    path: put('train.jsonl', rows),
    validationPath: put('valid.jsonl', heldOut),
    template: 'plain',
    skipBadRows: true,
  });
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('checkDataset', () => {
  const tokens = {
    tokenizer: new LetterTokenizer({}),
    options: { template: 'plain', completionOnly: true, sequenceLength: 100, vocabularySize: 70_000 },
  } as const;
  const found = async (): Promise<ReadonlyMap<string, DataFinding>> => {
    const { findings } = await checkDataset(data, 0, tokens, signal, () => undefined);
    return new Map(findings.map((each) => [each.kind, each]));
  };

  test('finds each kind of fault, with the rows and what they repeat', async () => {
    const findings = await found();
    expect(findings.get('bad-rows')).toMatchObject({ count: 1, rows: [{ row: 7 }] });
    expect(findings.get('exact-duplicates')).toEqual({
      kind: 'exact-duplicates',
      count: 1,
      rows: [{ row: 2, of: 1 }],
      fix: 'duplicates',
    });
    expect(findings.get('duplicates')).toMatchObject({ count: 1, rows: [{ row: 3, of: 1 }] });
    expect(findings.get('empty-prompts')).toMatchObject({ count: 1, rows: [{ row: 5 }], fix: 'empty-prompts' });
    expect(findings.get('too-long')).toMatchObject({ count: 1, rows: [{ row: 6 }], fix: 'too-long' });
    expect(findings.get('too-long')?.rows[0]?.tokens).toBeGreaterThan(200);
    expect(findings.get('exact-leaks')).toMatchObject({ count: 1, rows: [{ row: 6, of: 2 }], fix: 'leaks' });
    expect(findings.get('leaks')).toMatchObject({ count: 1, rows: [{ row: 4, of: 1 }] });
  });

  test('counts rows and the scripts they are written in', async () => {
    const check = await checkDataset(data, 0, undefined, signal, () => undefined);
    expect(check).toMatchObject({ rows: 10, trainRows: 8, validationRows: 2 });
    expect(check.findings.some(({ kind }) => kind === 'too-long')).toBe(false);
    expect(check.scripts).toEqual([
      { script: 'Latin', rows: 6 },
      { script: 'Cyrillic', rows: 1 },
      { script: 'Japanese', rows: 1 },
    ]);
    expect(check.languages).toEqual([
      { language: 'und', rows: 6 },
      { language: 'ru', rows: 1 },
      { language: 'ja', rows: 1 },
    ]);
  });

  test('a clean file has no findings, and cancelling ends the check', async () => {
    const file = path.join(folder, 'clean.jsonl');
    writeFileSync(file, '{"prompt":"a","completion":"b"}\n{"prompt":"c","completion":"d"}\n');
    const clean = dataConfigSchema.parse({ path: file, validationShare: 0.5, template: 'plain' });
    expect((await checkDataset(clean, 0, tokens, signal, () => undefined)).findings).toEqual([]);
    const controller = new AbortController();
    controller.abort();
    await expect(checkDataset(clean, 0, tokens, controller.signal, () => undefined)).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });
});

describe('rules of a run', () => {
  test('leave out what the check has found, and say why', async () => {
    const config = { ...data, drop: ['duplicates', 'empty-prompts', 'leaks'] as const };
    const { train, validation, dropped } = await readRunRows({ ...config, drop: [...config.drop] }, 0, signal);
    expect(train.map(({ row }) => row)).toEqual([1, 8, 9]);
    expect(validation.map(({ row }) => row)).toEqual([1, 2]);
    expect(dropped).toEqual([
      { rule: 'empty-prompts', rows: [{ row: 5, reason: 'The prompt is empty.' }] },
      {
        rule: 'duplicates',
        rows: [
          { row: 2, reason: 'It repeats row 1.' },
          { row: 3, reason: 'It repeats row 1.' },
        ],
      },
      {
        rule: 'leaks',
        rows: [
          { row: 4, reason: 'Its prompt is that of held-out row 1.' },
          { row: 6, reason: 'Its prompt is that of held-out row 2.' },
        ],
      },
    ]);
  });

  test('rows that are picked are left out, and leaks can be held out too instead', async () => {
    const config: DataConfig = { ...data, dropRows: [1, 8, 400], move: ['leaks'] };
    const { train, validation, dropped, moved } = await readRunRows(config, 0, signal);
    expect(train.map(({ row }) => row)).toEqual([2, 3, 5, 9]);
    expect(validation.map(({ row }) => row)).toEqual([1, 2, 4, 6]);
    expect(dropped).toMatchObject([{ rule: 'chosen', rows: [{ row: 1 }, { row: 8 }] }]);
    expect(moved).toMatchObject([{ rule: 'leaks', rows: [{ row: 4 }, { row: 6 }] }]);
    const check = await checkDataset(config, 0, undefined, signal, () => undefined);
    // What the rules settle is still shown, with how much they do.
    expect(check).toMatchObject({ trainRows: 8, dropped: 2, moved: 2 });
    expect(check.findings.find(({ kind }) => kind === 'leaks')).toMatchObject({ fix: 'leaks', move: 'leaks' });
  });

  test('without rules every usable row is kept', async () => {
    const { train, dropped } = await readRunRows(data, 0, signal);
    expect([train.length, dropped]).toEqual([8, []]);
  });
});
