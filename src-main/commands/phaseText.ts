import type { PreparingEvent } from '../contract/preparation.ts';
import type { ProgressEvent } from '../contract/results.ts';

/** The preparation of a GPU in words. */
export function preparingText({ op, total }: Pick<PreparingEvent, 'op' | 'total'>): string {
  return `Preparing the GPU: ${op} of ${total}`;
}

/** A phase that is counted, in words. */
export function countedText({ phase, done, total }: ProgressEvent): string {
  return `${phase}: ${done} of ${total}`;
}
