/** Pieces of a campaign add up: each keeps its seeds, its counts and its faults. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stages, type Stage, type TortureCase } from './cases.ts';
import type { CaseResult } from './disturb.ts';
import { replaceTable } from './page.ts';

interface Count {
  cases: number;
  /** Times that a process was really hit. */
  hits: number;
}

export interface Piece {
  readonly date: string;
  readonly commit: string;
  readonly firstSeed: number;
  lastSeed: number;
  cases: number;
  seconds: number;
  readonly stages: Record<Stage, Count>;
  readonly faults: { seed: number; what: readonly string[] }[];
}

export function emptyPiece(commit: string, date: Date, firstSeed: number): Piece {
  const none = Object.fromEntries(stages.map((stage) => [stage, { cases: 0, hits: 0 }]));
  return {
    date: date.toISOString(),
    commit,
    firstSeed,
    lastSeed: firstSeed,
    cases: 0,
    seconds: 0,
    stages: none as Record<Stage, Count>,
    faults: [],
  };
}

export function note(piece: Piece, { seed, stage }: TortureCase, { hits, faults }: CaseResult): void {
  piece.lastSeed = seed;
  piece.cases += 1;
  piece.stages[stage].cases += 1;
  piece.stages[stage].hits += hits;
  if (faults.length > 0) piece.faults.push({ seed, what: faults });
}

function fileOf(root: string): string {
  return path.join(root, 'docs', 'reliability', 'torture.json');
}

function piecesOf(root: string): Piece[] {
  const file = fileOf(root);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Piece[]) : [];
}

/** The seed after those that earlier pieces have used. */
export function nextSeed(root: string): number {
  return Math.max(0, ...piecesOf(root).map((piece) => piece.lastSeed)) + 1;
}

/** Adds the piece and writes the table of RELIABILITY.md anew. */
export function keepPiece(root: string, piece: Piece): void {
  const pieces = [...piecesOf(root), piece];
  writeFileSync(fileOf(root), `${JSON.stringify(pieces, null, 2)}\n`);
  const page = path.join(root, 'RELIABILITY.md');
  writeFileSync(page, replaceTable(readFileSync(page, 'utf8'), 'torture', tableOf(pieces)));
}

function tableOf(pieces: readonly Piece[]): string {
  const sum = (of: (piece: Piece) => number): number => pieces.reduce((total, piece) => total + of(piece), 0);
  const rows = stages.map((stage) => {
    const count = (of: keyof Count): number => sum((piece) => piece.stages[stage][of]);
    return `| ${stage} | ${count('cases')} | ${count('hits')} |`;
  });
  const hits = sum((piece) => stages.reduce((total, stage) => total + piece.stages[stage].hits, 0));
  const faults = pieces.flatMap(({ commit, faults: found }) =>
    found.map(({ seed, what }) => `- seed ${seed} at ${commit}: ${what.join('; ')}`),
  );
  const seeds = pieces.map(({ firstSeed, lastSeed, commit }) => `${firstSeed}–${lastSeed} (${commit})`).join(', ');
  return [
    '| disturbed in | cases | processes hit |',
    '|---|---:|---:|',
    ...rows,
    `| **together** | **${sum((piece) => piece.cases)}** | **${hits}** |`,
    '',
    `Faults: ${faults.length === 0 ? 'none' : String(faults.length)}. Seeds: ${seeds}; ${(sum((piece) => piece.seconds) / 60).toFixed(0)} minutes.`,
    ...(faults.length === 0 ? [] : ['', ...faults]),
  ].join('\n');
}
