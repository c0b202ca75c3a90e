/**
 * `npm run torture -- [--app] [--minutes N] [--seed S] [--case S]`: kills the command line, or the processes of the real
 * app, at random moments of analysis, training, checkpoint, merge and export, takes the work up again, and compares it
 * bit for bit with undisturbed work. Prints the seed of every case; `--case` repeats one and keeps its folder. Pieces add
 * up in docs/reliability/torture.json, from which the table of RELIABILITY.md is made.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { disturbApp } from './app/disturbApp.ts';
import { appCaseOf, caseOf, type Scenario } from './cases.ts';
import { disturb, type CaseResult } from './disturb.ts';
import { makeReference, writeRows, type Materials, type Reference } from './materials.ts';
import { emptyPiece, keepPiece, nextSeed, note } from './pieces.ts';

const root = process.env['TORTURE_ROOT'] ?? process.cwd();

/** The undisturbed work of each scenario, done when it is first asked for. */
class References {
  readonly #materials: Materials;
  readonly #folder: string;
  readonly #made = new Map<string, Reference>();

  constructor(materials: Materials, folder: string) {
    this.#materials = materials;
    this.#folder = folder;
  }

  async of(scenario: Scenario): Promise<Reference> {
    const known = this.#made.get(scenario.name);
    if (known !== undefined) return known;
    const place = path.join(this.#folder, `reference ${String(this.#made.size)}`);
    const made = await makeReference(this.#materials, scenario, place);
    this.#made.set(scenario.name, made);
    return made;
  }
}

async function campaign(): Promise<number> {
  const { values } = parseArgs({
    options: {
      app: { type: 'boolean', default: false },
      minutes: { type: 'string', default: '5' },
      seed: { type: 'string' },
      case: { type: 'string' },
    },
  });
  const program = values.app ? 'app' : 'command line';
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sara-torture-'));
  const materials: Materials = {
    model: path.join(root, 'resources', 'samples', 'stories260K'),
    rows: path.join(folder, 'rows.jsonl'),
    program: path.join(root, 'out', 'cli', 'cli.cjs'),
  };
  writeRows(materials.rows);
  const references = new References(materials, folder);
  const torture = async (seed: number, place: string): Promise<CaseResult> => {
    if (!values.app) return disturb(caseOf(seed), materials, await references.of(caseOf(seed).scenario), place);
    const drawn = appCaseOf(seed);
    return disturbApp(root, drawn, materials, await references.of(drawn.scenario), place);
  };

  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
  let seed = Number(values.case ?? values.seed ?? nextSeed(root, program));
  const piece = emptyPiece(program, commit, new Date(), seed);
  const begun = performance.now();
  const until = begun + Number(values.minutes) * 60_000;
  mkdirSync(path.join(root, 'docs', 'reliability'), { recursive: true });
  for (; piece.cases === 0 || (performance.now() < until && values.case === undefined); seed++) {
    const drawn = values.app ? appCaseOf(seed) : caseOf(seed);
    const place = path.join(folder, `case ${String(seed)}`);
    const started = performance.now();
    const result = await torture(seed, place);
    note(piece, drawn, result);
    piece.seconds = (performance.now() - begun) / 1000;
    // After every case: the machine, or whoever watches it, may end the piece at any time.
    if (values.case === undefined) keepPiece(root, piece);
    const verdict = result.faults.length === 0 ? 'nothing lost' : `FAULT: ${result.faults.join('; ')}`;
    const hit = result.killed === undefined ? `hit ${String(result.hits)} times` : `killed ${result.killed.join(', ')}`;
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    process.stdout.write(`seed ${seed}: ${drawn.stage}, ${drawn.scenario.name}, ${hit}: ${verdict} (${seconds} s)\n`);
    if (result.faults.length === 0 && values.case === undefined) rmSync(place, { recursive: true, force: true });
    else process.stdout.write(`  kept in ${place}\n`);
  }
  process.stdout.write(
    `${piece.cases} cases of the ${program}, ${piece.faults.length} faults, seeds ${piece.firstSeed} to ${piece.lastSeed}\n`,
  );
  if (values.case === undefined && piece.faults.length === 0) rmSync(folder, { recursive: true, force: true });
  return piece.faults.length === 0 ? 0 : 1;
}

void campaign().then((code) => {
  process.exitCode = code;
});
