/**
 * `npm run torture -- [--minutes N] [--seed S] [--case S]`: kills the command line at random moments of analysis,
 * training, checkpoint, merge and export, takes the work up again, and compares it bit for bit with undisturbed work.
 * Prints the seed of every case; `--case` repeats one and keeps its folder. Pieces add up in
 * docs/reliability/torture.json, from which the table of RELIABILITY.md is made.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { caseOf, scenarios } from './cases.ts';
import { disturb } from './disturb.ts';
import { makeReference, writeRows, type Materials, type Reference } from './materials.ts';
import { emptyPiece, keepPiece, nextSeed, note } from './pieces.ts';

const root = process.env['TORTURE_ROOT'] ?? process.cwd();

async function campaign(): Promise<number> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '5' },
      seed: { type: 'string' },
      case: { type: 'string' },
    },
  });
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sara-torture-'));
  const rows = path.join(folder, 'rows.jsonl');
  writeRows(rows);
  const materials: Materials = {
    model: path.join(root, 'resources', 'samples', 'stories260K'),
    rows,
    program: path.join(root, 'out', 'cli', 'cli.cjs'),
  };
  const until = performance.now() + Number(values.minutes) * 60_000;
  const references = new Map<string, Reference>();
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
  let seed = Number(values.case ?? values.seed ?? nextSeed(root));
  const piece = emptyPiece(commit, new Date(), seed);
  const begun = performance.now();
  for (; piece.cases === 0 || (performance.now() < until && values.case === undefined); seed++) {
    const torture = caseOf(seed);
    const { scenario, stage } = torture;
    const known = references.get(scenario.name);
    const reference =
      known ?? (await makeReference(materials, scenario, path.join(folder, `reference ${String(references.size)}`)));
    references.set(scenario.name, reference);
    const place = path.join(folder, `case ${String(seed)}`);
    const result = await disturb(torture, materials, reference, place);
    note(piece, torture, result);
    const verdict = result.faults.length === 0 ? 'nothing lost' : `FAULT: ${result.faults.join('; ')}`;
    process.stdout.write(`seed ${seed}: ${stage}, ${scenario.name}, hit ${result.hits} times: ${verdict}\n`);
    if (result.faults.length === 0 && values.case === undefined) rmSync(place, { recursive: true, force: true });
    else process.stdout.write(`  kept in ${place}\n`);
  }
  piece.seconds = (performance.now() - begun) / 1000;
  process.stdout.write(
    `${piece.cases} cases of ${scenarios.length} scenarios, ${piece.faults.length} faults, seeds ${piece.firstSeed} to ${piece.lastSeed}\n`,
  );
  if (values.case === undefined) {
    mkdirSync(path.join(root, 'docs', 'reliability'), { recursive: true });
    keepPiece(root, piece);
    if (piece.faults.length === 0) rmSync(folder, { recursive: true, force: true });
  }
  return piece.faults.length === 0 ? 0 : 1;
}

void campaign().then((code) => {
  process.exitCode = code;
});
