/**
 * `npm run bench [-- ROW...] [--quick] [--compare]`: measures rows one after the other, both sides in turn.
 *
 * Without options a row's result replaces the one kept in docs/benchmarks and BENCHMARKS.md is written anew. `--quick`
 * does fewer rounds and keeps nothing but a copy in test-results/bench. `--compare` measures quickly and lists what is worse than the kept result by more than
 * the spread of both.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createContext, type BenchContext } from './context.ts';
import { commitOf, describeMachine, idleLoad, load } from './machine.ts';
import type { RowResult } from './results.ts';
import { allRows } from './rows/allRows.ts';
import type { Row } from './rows/row.ts';
import { comparisonLine } from './text.ts';

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { quick: { type: 'boolean' }, compare: { type: 'boolean' } },
    allowPositionals: true,
  });
  const unknown = positionals.filter((id) => !allRows.some((row) => row.id === id));
  if (unknown.length > 0) {
    say(`There is no row ${unknown.join(', ')}; the rows are ${allRows.map(({ id }) => id).join(', ')}.`);
    return 2;
  }
  const rows = allRows.filter(({ id }) => positionals.length === 0 || positionals.includes(id));
  const quick = values.quick === true || values.compare === true;
  const root = process.env['BENCH_ROOT'] ?? process.cwd();
  const bench = createContext({ root, python: process.env['BENCH_PYTHON'] ?? 'python3', quick }, say);
  const kept = path.join(root, quick ? 'test-results/bench' : 'docs/benchmarks');
  mkdirSync(kept, { recursive: true });
  for (const row of rows) {
    const result = await measureRow(row, bench);
    for (const one of result.comparisons) say(`  ${comparisonLine(one)}`);
    writeFileSync(path.join(kept, `${row.id}.json`), `${JSON.stringify(result, null, 2)}\n`);
  }
  return 0;
}

async function measureRow(row: Row, bench: BenchContext): Promise<RowResult> {
  const loadBefore = load();
  const begun = performance.now();
  const date = new Date().toISOString();
  say(`${row.id}: ${row.title}`);
  if (loadBefore > idleLoad) {
    say(`  The machine is not idle (load ${loadBefore.toFixed(2)}): these times are worth little.`);
  }
  const content = await row.run(bench);
  return {
    row: row.id,
    date,
    ...commitOf(bench.root),
    quick: bench.quick,
    loadBefore,
    seconds: (performance.now() - begun) / 1000,
    threads: bench.threads,
    machine: describeMachine(),
    versions: {},
    ...content,
  };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

void main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  },
);
