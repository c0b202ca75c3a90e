import type { BenchContext } from '../context.ts';
import type { RowContent } from '../results.ts';

/** A part of the bench that can be run alone. */
export interface Row {
  readonly id: string;
  readonly title: string;
  /** What is done on both sides, one or two sentences for the page. */
  readonly about: string;
  run(bench: BenchContext): Promise<RowContent>;
}
