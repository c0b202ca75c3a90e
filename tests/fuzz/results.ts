/** Figures of the last whole campaign of each format. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { replaceTable } from '../torture/page.ts';
import { formatNames } from './formats.ts';

export interface FormatResult {
  readonly format: string;
  readonly firstSeed: number;
  readonly inputs: number;
  /** Inputs that were taken for sound. */
  accepted: number;
  /** Processor time of the slowest input. */
  slowestSeconds: number;
  slowestSeed: number;
  peakMegabytes: number;
  minutes: number;
  readonly faults: { readonly seed: number; readonly fault: string }[];
}

type Kept = FormatResult & { readonly commit: string; readonly date: string };

/** Keeps a result in docs/reliability/fuzz.json and writes the table of RELIABILITY.md anew. */
export function keepResult(root: string, commit: string, result: FormatResult): void {
  const file = path.join(root, 'docs', 'reliability', 'fuzz.json');
  mkdirSync(path.dirname(file), { recursive: true });
  const earlier = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Kept[]) : [];
  const kept = [
    ...earlier.filter(({ format }) => format !== result.format),
    { ...result, commit, date: new Date().toISOString() },
  ].sort((a, b) => placeOf(a) - placeOf(b));
  writeFileSync(file, `${JSON.stringify(kept, null, 2)}\n`);
  const page = path.join(root, 'RELIABILITY.md');
  writeFileSync(page, replaceTable(readFileSync(page, 'utf8'), 'fuzz', tableOf(kept)));
}

function placeOf({ format }: FormatResult): number {
  return (formatNames as readonly string[]).indexOf(format);
}

function tableOf(results: readonly Kept[]): string {
  return [
    '| format | inputs | taken for sound | slowest, s of processor | memory, MB | faults | seeds | commit |',
    '|---|---:|---:|---:|---:|---:|---|---|',
    ...results.map(
      ({ format, firstSeed, inputs, accepted, slowestSeconds, peakMegabytes, faults, commit }) =>
        `| ${format} | ${inputs.toLocaleString('en')} | ${accepted.toLocaleString('en')} | ${slowestSeconds.toFixed(2)} | ${peakMegabytes} | ${faults.length} | ${firstSeed}–${firstSeed + inputs - 1} | ${commit} |`,
    ),
  ].join('\n');
}
