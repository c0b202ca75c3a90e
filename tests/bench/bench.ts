/**
 * `npm run bench [-- ROW...] [--quick] [--compare] [--page]`: measures rows one after the other, both sides in turn.
 *
 * A row's result replaces the one kept in docs/benchmarks, and BENCHMARKS.md is written anew. `--quick` does fewer rounds and
 * leaves its results in test-results/bench. `--compare` is quick too, and fails when a row is worse than the kept one
 * by more than the spread of both. `--page` measures nothing and writes the page from what is kept.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createContext, type BenchContext } from './context.ts';
import { resultToCompare } from './elsewhere.ts';
import { keptFolder, readResult, writeBenchmarks, writeResult } from './files.ts';
import { busyShare, idleShare } from './load.ts';
import { commitOf, describeMachine } from './machine.ts';
import { regressionsOf } from './regressions.ts';
import type { RowResult } from './results.ts';
import { allRows } from './rows/allRows.ts';
import type { Row } from './rows/row.ts';
import { comparisonLine, percent } from './text.ts';

interface Options {
  readonly quick: boolean;
  readonly compare: boolean;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { quick: { type: 'boolean' }, compare: { type: 'boolean' }, page: { type: 'boolean' } },
    allowPositionals: true,
  });
  const unknown = positionals.filter((id) => !allRows.some((row) => row.id === id));
  if (unknown.length > 0) {
    say(`There is no row ${unknown.join(', ')}; the rows are ${allRows.map(({ id }) => id).join(', ')}.`);
    return 2;
  }
  const root = process.env['BENCH_ROOT'] ?? process.cwd();
  if (values.page === true) {
    writeBenchmarks(root);
    return 0;
  }
  const compare = values.compare === true;
  const rows = allRows.filter(({ id }) => positionals.length === 0 || positionals.includes(id));
  return measureRows(rows, root, { compare, quick: compare || values.quick === true });
}

/** @returns exit code: 1 when a row failed, or is worse than the kept one */
async function measureRows(rows: readonly Row[], root: string, { quick, compare }: Options): Promise<number> {
  const bench = createContext({ root, python: process.env['BENCH_PYTHON'] ?? 'python3', quick }, say);
  const versions = await versionsOf(bench);
  const kept = keptFolder(root);
  const failures: string[] = [];
  for (const row of rows) {
    let result;
    try {
      result = await measureRow(row, bench, versions);
    } catch (error) {
      // The other rows are worth having all the same.
      failures.push(`${row.id}: ${error instanceof Error ? error.message : String(error)}`);
      say(`  ${failures.at(-1) ?? ''}`);
      continue;
    }
    for (const one of result.comparisons) say(`  ${comparisonLine(one)}`);
    writeResult(quick ? path.join(root, 'test-results', 'bench') : kept, result);
    if (!quick) writeBenchmarks(root);
    const before = compare ? readResult(kept, row.id) : undefined;
    if (before === undefined) continue;
    failures.push(
      ...regressionsOf(resultToCompare(before, result.machine), result).map(
        ({ name, text }) => `${row.id}, ${name}: ${text}`,
      ),
    );
  }
  if (failures.length > 0) say(['', compare ? 'Worse than kept, or failed:' : 'Failed:', ...failures].join('\n'));
  return failures.length > 0 ? 1 : 0;
}

async function measureRow(
  row: Row,
  bench: BenchContext,
  versions: Readonly<Record<string, string>>,
): Promise<RowResult> {
  const busyBefore = await busyShare();
  const begun = performance.now();
  const date = new Date().toISOString();
  say(`${row.id}: ${row.title}`);
  if (busyBefore > idleShare) {
    say(`  The machine is not idle (${percent(busyBefore)} of its cores are busy): these times are worth little.`);
  }
  const content = await row.run(bench);
  return {
    row: row.id,
    date,
    ...commitOf(bench.root),
    quick: bench.quick,
    busyBefore,
    seconds: (performance.now() - begun) / 1000,
    threads: bench.threads,
    machine: describeMachine(),
    versions,
    ...content,
  };
}

async function versionsOf(bench: BenchContext): Promise<Record<string, string>> {
  const [ours, peer] = [await bench.ours({ kind: 'start' }), await bench.peer({ kind: 'start' })];
  await ours.end();
  await peer.end();
  const { device, ...libraries } = ours.facts.texts ?? {};
  return { ...libraries, ...(device === undefined ? {} : { 'engine on': device }), ...peer.facts.texts };
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
