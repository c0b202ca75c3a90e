/** The kept results and the page made of them. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { drawChart } from './chart.ts';
import { withElsewhere } from './elsewhere.ts';
import { sectionsOf, writePage } from './page.ts';
import type { RowResult } from './results.ts';
import { allRows } from './rows/allRows.ts';
import { ui } from './ui/uiRow.ts';

/** Rows of `npm run bench`, and the one that has a command of its own. */
const pageRows = [...allRows, ui];

/** Where a full run keeps its results; `notes.md` in it is written by hand. */
export function keptFolder(root: string): string {
  return path.join(root, 'docs', 'benchmarks');
}

export function readResult(folder: string, row: string): RowResult | undefined {
  const file = path.join(folder, `${row}.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as RowResult) : undefined;
}

/** Writes a result, with what the kept one says of other machines, and its charts. */
export function writeResult(folder: string, result: RowResult): void {
  mkdirSync(folder, { recursive: true });
  const whole = withElsewhere(result, readResult(folder, result.row));
  writeFileSync(path.join(folder, `${result.row}.json`), `${JSON.stringify(whole, null, 2)}\n`);
  for (const chart of result.charts ?? []) writeFileSync(path.join(folder, chart.file), drawChart(chart));
}

/** Writes the generated part of BENCHMARKS.md anew from all results that are kept. */
export function writeBenchmarks(root: string): void {
  const folder = keptFolder(root);
  const results = pageRows.flatMap(({ id }) => readResult(folder, id) ?? []);
  const notes = path.join(folder, 'notes.md');
  const page = path.join(root, 'BENCHMARKS.md');
  const text = writePage(
    readFileSync(page, 'utf8'),
    pageRows,
    new Map(results.map((result) => [result.row, result])),
    existsSync(notes) ? sectionsOf(readFileSync(notes, 'utf8')) : new Map<string, string>(),
  );
  writeFileSync(page, text);
}
