/** What a campaign works on: rows, and the undisturbed work of each scenario. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Scenario } from './cases.ts';
import { outcomeOfAnalysis, outcomeOfExport, outcomeOfRun, type Outcome } from './outcome.ts';
import { runCommand, type Ended, type Places } from './program.ts';

const people = ['Tom', 'Lily', 'Sue', 'Ben', 'Mia', 'Max', 'Ann', 'Bob'];
const things = ['a red ball', 'the big box', 'her cat', 'a small boat', 'the old tree', 'a blue bird', 'his mom'];

/** Rows of different lengths. */
export function writeRows(file: string): void {
  const rows = people.flatMap((who, i) =>
    things.map((what, j) => ({
      prompt: `${who} saw ${what}${j % 3 === 0 ? ' in the park near the house' : ''}.`,
      completion: `${who} was happy${'. They played together'.repeat((i + j) % 3)}.`,
    })),
  );
  writeFileSync(file, rows.map((row) => JSON.stringify(row)).join('\n'));
}

export interface Materials {
  readonly model: string;
  readonly rows: string;
  readonly program: string;
}

export function trainParameters({ model, rows }: Materials, scenario: Scenario, run: string): string[] {
  const numbers = { steps: 60, 'batch-size': 4, 'save-every': 4, 'evaluate-every': 15, lr: 0.005, seed: 7 };
  const options = Object.entries(numbers).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const data = ['--data', rows, '--valid-share', '0.2', '--template', 'plain'];
  return ['train', model, '--json', '--out', run, ...data, ...options, ...scenario.options];
}

/** Parameters of the two exports that are disturbed. */
export function exportParameters(stage: 'merge' | 'gguf', run: string, target: string): string[] {
  if (stage === 'merge') return ['merge', run, '--out', target];
  return ['export', run, '--format', 'gguf', '--quant', 'q8_0', '--out', target];
}

export interface Reference {
  readonly run: string;
  readonly outcomes: Readonly<Record<'analysis' | 'training' | 'merge' | 'gguf', Outcome>>;
  readonly seconds: Readonly<Record<'analysis' | 'training' | 'merge' | 'gguf', number>>;
}

/** The work of a scenario, undisturbed. @throws Error when a command fails */
export async function makeReference(materials: Materials, scenario: Scenario, folder: string): Promise<Reference> {
  mkdirSync(folder, { recursive: true });
  const places: Places = { program: materials.program, cache: path.join(folder, 'cache'), threads: scenario.threads };
  const run = path.join(folder, 'run');
  const work = async (parameters: readonly string[]): Promise<Ended> => {
    const ended = await runCommand(places, parameters);
    if (ended.code === 0) return ended;
    throw new Error(`The undisturbed ${parameters[0] ?? ''} failed: ${ended.stderr}`);
  };
  const analysis = await work(['analyze', materials.model, '--json']);
  const training = await work(trainParameters(materials, scenario, run));
  const merge = await work(exportParameters('merge', run, path.join(folder, 'merge')));
  const gguf = await work(exportParameters('gguf', run, path.join(folder, 'gguf')));
  return {
    run,
    outcomes: {
      analysis: outcomeOfAnalysis(analysis.stdout),
      training: await outcomeOfRun(run),
      merge: outcomeOfExport(path.join(folder, 'merge')),
      gguf: outcomeOfExport(path.join(folder, 'gguf')),
    },
    seconds: {
      analysis: analysis.seconds,
      training: training.seconds,
      merge: merge.seconds,
      gguf: gguf.seconds,
    },
  };
}
