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

export interface TortureCase<M extends Moment = Moment> {
  readonly seed: number;
  readonly stage: Stage;
  readonly scenario: Scenario;
  /** One for each time that the work is disturbed before it is left in peace. */
  readonly moments: readonly M[];
}

/** The case of a seed: always the same one. */
export function caseOf(seed: number): TortureCase {
  const rng = new Rng(seed);
  const stage = stageOf(rng, shares);
  const scenario = scenarioOf(rng);
  return { seed, stage, scenario, moments: Array.from({ length: 1 + rng.integer(3) }, () => momentOf(rng)) };
}

/** Which of the app's processes are killed at once. */
export const victims = ['engine', 'main', 'both'] as const;
export type Victim = (typeof victims)[number];

export interface AppMoment extends Moment {
  readonly victim: Victim;
}

/** The same of the real app: nobody presses Ctrl-C there. */
export function appCaseOf(seed: number): TortureCase<AppMoment> {
  const rng = new Rng(seed);
  const stage = stageOf(rng, { ...shares, cancel: 0 });
  const scenario = scenarioOf(rng);
  const moments = Array.from({ length: 1 + rng.integer(2) }, () => {
    const victim = victims[rng.integer(victims.length)] ?? 'both';
    return { ...momentOf(rng), victim };
  });
  return { seed, stage, scenario, moments };
}

function stageOf(rng: Rng, weights: Readonly<Record<Stage, number>>): Stage {
  const drawn = stages.flatMap((stage) => Array.from({ length: weights[stage] }, () => stage));
  return drawn[rng.integer(drawn.length)] ?? 'training';
}

function scenarioOf(rng: Rng): Scenario {
  const scenario = scenarios[rng.integer(scenarios.length)];
  if (scenario === undefined) throw new RangeError('There are no scenarios.');
  return scenario;
}

function momentOf(rng: Rng): Moment {
  return {
    share: 0.05 + 1.05 * rng.next(),
    unfinished: 1 + rng.integer(6),
    delayMilliseconds: 12 * rng.next(),
  };
}
