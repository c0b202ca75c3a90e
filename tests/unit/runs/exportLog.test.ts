import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ExportRecord } from '../../../src-main/contract/exports.ts';
import { noteExport, readExports } from '../../../src-main/runs/exportLog.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sara-exports-'));
});
afterEach(async () => rm(folder, { recursive: true }));

const record = (out: string, at = '2026-03-01T10:00:00.000Z'): ExportRecord => ({
  at,
  out,
  format: 'gguf',
  type: 'Q8_0',
  bytes: 10,
  step: 3,
  seconds: 1.5,
});

test('exports come back newest first, with whether they are still there', async () => {
  const there = path.join(folder, 'kept.gguf');
  await writeFile(there, 'x');
  await noteExport(folder, record(there));
  await noteExport(folder, record(path.join(folder, 'gone')));
  expect((await readExports(folder)).map(({ out, there: is }) => [path.basename(out), is])).toEqual([
    ['gone', false],
    ['kept.gguf', true],
  ]);
});

// Bug caught: a line that a crash has torn hides all exports.
test('a torn line and lines of other shapes are left out, and one place is listed once', async () => {
  await noteExport(folder, record('/a', '2026-03-01T10:00:00.000Z'));
  await appendFile(path.join(folder, 'exports.jsonl'), '{"out": "/b"}\n{"at": "20\n');
  await noteExport(folder, record('/a', '2026-03-02T10:00:00.000Z'));
  expect((await readExports(folder)).map(({ at }) => at)).toEqual(['2026-03-02T10:00:00.000Z']);
  expect(await readExports(path.join(folder, 'none'))).toEqual([]);
});
