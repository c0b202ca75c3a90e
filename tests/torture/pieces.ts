/** Pieces of a campaign add up: each keeps its seeds, its counts and its faults. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stages, victims, type Stage, type TortureCase, type Victim } from './cases.ts';
import type { CaseResult } from './disturb.ts';
import { replaceTable } from './page.ts';

/** What is killed: the command line, or the app with its window. */
export const programs = ['command line', 'app'] as const;
export type Program = (typeof programs)[number];

interface Count {
  cases: number;
  /** Times that a process was really hit. */
  hits: number;
}

export interface Piece {
  readonly date: string;
  readonly commit: string;
  readonly program: Program;
  readonly firstSeed: number;
  lastSeed: number;
  cases: number;
  seconds: number;
  readonly stages: Record<Stage, Count>;
  /** Times that each of the app's processes, or both, were killed. */
  readonly victims: Record<Victim, number>;
  readonly faults: { seed: number; what: readonly string[] }[];
}

export function emptyPiece(program: Program, commit: string, date: Date, firstSeed: number): Piece {
  const none = Object.fromEntries(stages.map((stage) => [stage, { cases: 0, hits: 0 }]));
  return {
    date: date.toISOString(),
    commit,
    program,
    firstSeed,
    lastSeed: firstSeed,
    cases: 0,
    seconds: 0,
    stages: none as Record<Stage, Count>,
    victims: Object.fromEntries(victims.map((victim) => [victim, 0])) as Record<Victim, number>,
    faults: [],
  };
}

export function note(piece: Piece, { seed, stage }: TortureCase, { hits, faults, killed = [] }: CaseResult): void {
  piece.lastSeed = seed;
  piece.cases += 1;
  piece.stages[stage].cases += 1;
  piece.stages[stage].hits += hits;
  for (const victim of killed) piece.victims[victim] += 1;
  if (faults.length > 0) piece.faults.push({ seed, what: faults });
}

function fileOf(root: string): string {
  return path.join(root, 'docs', 'reliability', 'torture.json');
}

function piecesOf(root: string): Piece[] {
  const file = fileOf(root);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Piece[]) : [];
}

/** The seed after those that earlier pieces of this program have used. */
export function nextSeed(root: string, program: Program): number {
  const earlier = piecesOf(root).filter((piece) => piece.program === program);
  return Math.max(0, ...earlier.map((piece) => piece.lastSeed)) + 1;
}

/** Adds the piece, or what is new of it, and writes the table of RELIABILITY.md anew. */
export function keepPiece(root: string, piece: Piece): void {
  const pieces = [...piecesOf(root).filter(({ date }) => date !== piece.date), piece];
  writeFileSync(fileOf(root), `${JSON.stringify(pieces, null, 2)}\n`);
  const page = path.join(root, 'RELIABILITY.md');
  writeFileSync(page, replaceTable(readFileSync(page, 'utf8'), 'torture', tableOf(pieces)));
}

function tableOf(pieces: readonly Piece[]): string {
  const sum = (of: (piece: Piece) => number, among = pieces): number =>
    among.reduce((total, piece) => total + of(piece), 0);
  const by = programs.map((program) => pieces.filter((piece) => piece.program === program));
  const row = (name: string, of: (piece: Piece, what: keyof Count) => number): string => {
    const cells = by.flatMap((own) => [
      sum((piece) => of(piece, 'cases'), own),
      sum((piece) => of(piece, 'hits'), own),
    ]);
    return `| ${[name, ...cells].join(' | ')} |`;
  };
  const total = (piece: Piece, what: keyof Count): number =>
    stages.reduce((all, stage) => all + piece.stages[stage][what], 0);
  const faults = pieces.flatMap(({ program, commit, faults: found }) =>
    found.map(({ seed, what }) => `- ${program}, seed ${String(seed)} at ${commit}: ${what.join('; ')}`),
  );
  const killed = victims.map((victim) => `${victim} ${String(sum((piece) => piece.victims[victim]))}`).join(', ');
  const seeds = programs.map((program) => {
    const own = pieces.filter((piece) => piece.program === program);
    const ranges = own.map(({ firstSeed, lastSeed, commit }) => `${firstSeed}–${lastSeed} (${commit})`);
    return `${program} ${ranges.join(', ')}`;
  });
  return [
    '| disturbed in | command line: cases | processes hit | app: cases | times hit |',
    '|---|---:|---:|---:|---:|',
    ...stages.map((stage) => row(stage, (piece, what) => piece.stages[stage][what])),
    row('**together**', total),
    '',
    `Killed of the app: ${killed}. Faults: ${faults.length === 0 ? 'none' : String(faults.length)}.`,
    `Seeds: ${seeds.join('; ')}; ${(sum((piece) => piece.seconds) / 60).toFixed(0)} minutes.`,
    ...(faults.length === 0 ? [] : ['', ...faults]),
  ].join('\n');
}
