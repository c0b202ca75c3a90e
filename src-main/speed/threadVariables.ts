import type { FixedThreads } from '../contract/speed.ts';

/** What TensorFlow and OpenMP read the number of threads from; the first that is set is the one that counts most. */
const variables = ['TF_NUM_INTRAOP_THREADS', 'OMP_NUM_THREADS'] as const;

type Environment = Readonly<Record<string, string | undefined>>;

/** The number of threads that an environment decides; undefined where it leaves the choice. */
export function fixedThreads(environment: Environment): FixedThreads | undefined {
  for (const variable of variables) {
    // OMP_NUM_THREADS may be a list, one number for each level of nesting.
    const threads = Number.parseInt(environment[variable] ?? '', 10);
    if (threads > 0) return { variable, threads };
  }
  return undefined;
}

/** The variables with which a process computes with so many threads; they are read when TensorFlow is loaded. */
export function threadVariables(threads: number): Record<(typeof variables)[number], string> {
  return { TF_NUM_INTRAOP_THREADS: String(threads), OMP_NUM_THREADS: String(threads) };
}
