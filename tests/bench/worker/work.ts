import type { Facts, Outcome } from '../jobs.ts';

/** A job that is open: everything is loaded, and rounds can be run. */
export interface Work {
  readonly facts: Facts;
  /** @param round counted from 0; both sides get the same numbers */
  run(round: number): Promise<Outcome>;
  close(): Promise<void>;
}

/** Runs something and says how long it took. */
export async function timed<T>(work: () => Promise<T>): Promise<{ readonly seconds: number; readonly result: T }> {
  const begun = performance.now();
  const result = await work();
  return { seconds: (performance.now() - begun) / 1000, result };
}

/** Of a job that is done when it is open. */
export function doneWith(facts: Facts): Work {
  return {
    facts,
    run: () => Promise.reject(new Error('This job has no rounds.')),
    close: () => Promise.resolve(),
  };
}
