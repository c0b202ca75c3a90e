import type { BenchContext } from './context.ts';
import type { JobOf, Outcome } from './jobs.ts';
import type { Side } from './side.ts';

export interface Measured {
  /** Of the process tree, from its start to the end of the last step. */
  readonly peakBytes: number;
  readonly outcomes: readonly Outcome[];
}

/** Some steps of a training on one side alone, in a process of their own. */
export async function trainAlone(
  bench: BenchContext,
  side: 'ours' | 'peer',
  job: JobOf<'training'>,
  steps: number,
): Promise<Measured> {
  let opened: Side | undefined;
  try {
    opened = await bench[side](job);
    const outcomes: Outcome[] = [];
    for (let round = 0; round < steps; round += 1) outcomes.push(await opened.run(round));
    const peakBytes = await opened.end();
    bench.say(
      `    ${opened.name}: ${(outcomes.at(-1)?.seconds ?? NaN).toFixed(2)} s a step, ${(peakBytes / 1e6).toFixed(0)} MB`,
    );
    return { peakBytes, outcomes };
  } finally {
    opened?.kill();
  }
}
