import { Rng } from '../../src-main/util/rng.ts';

/** What is going on when the process is killed; `cancel` asks it to end instead, as Ctrl-C does. */
export const stages = ['analysis', 'training', 'checkpoint', 'cancel', 'merge', 'gguf'] as const;
export type Stage = (typeof stages)[number];

/** How often each is drawn: what takes longest in a person's night is disturbed most. */
const shares: Readonly<Record<Stage, number>> = {
  analysis: 1,
  training: 4,
  checkpoint: 4,
  cancel: 3,
  merge: 2,
  gguf: 2,
};

/** A way of training whose undisturbed run every disturbed one must equal. */
export interface Scenario {
  readonly name: string;
  readonly threads: number;
  readonly options: readonly string[];
}

export const scenarios: readonly Scenario[] = [
  { name: 'SARA, 1 thread', threads: 1, options: ['--method', 'sara', '--threshold', '0.1'] },
  { name: 'SARA, 2 threads', threads: 2, options: ['--method', 'sara', '--threshold', '0.1'] },
  { name: 'LoRA with dropout', threads: 1, options: ['--method', 'lora', '--rank', '4', '--dropout', '0.1'] },
];

/** When the process is killed: as a share of the time the undisturbed one takes, or after its n-th unfinished file. */
export interface Moment {
  readonly share: number;
  readonly unfinished: number;
  readonly delayMilliseconds: number;
}

export interface TortureCase {
  readonly seed: number;
  readonly stage: Stage;
  readonly scenario: Scenario;
  /** One for each time that the work is disturbed before it is left in peace. */
  readonly moments: readonly Moment[];
}

/** The case of a seed: always the same one. */
export function caseOf(seed: number): TortureCase {
  const rng = new Rng(seed);
  const drawn = stages.flatMap((stage) => Array.from({ length: shares[stage] }, () => stage));
  const stage = drawn[rng.integer(drawn.length)] ?? 'training';
  const scenario = scenarios[rng.integer(scenarios.length)];
  if (scenario === undefined) throw new RangeError('There are no scenarios.');
  const times = 1 + rng.integer(3);
  const moments = Array.from({ length: times }, () => ({
    share: 0.05 + 1.05 * rng.next(),
    unfinished: 1 + rng.integer(6),
    delayMilliseconds: 12 * rng.next(),
  }));
  return { seed, stage, scenario, moments };
}
