import type { PreparingEvent } from '../contract/preparation.ts';
import type { ProgressEvent } from '../contract/results.ts';
import type { PreparationProgress } from '../tensor/gpuPreparation/runOnce.ts';

/** Tells of the preparation of a GPU as a phase of a training, a sweep or a study. */
export function asPhase(emit: (event: PreparingEvent) => void): PreparationProgress {
  return (op, total) => emit({ event: 'phase', phase: 'preparing', fraction: (op - 1) / total, op, total });
}

/** Tells of it as progress of any other operation. */
export function asProgress(emit: (event: ProgressEvent) => void): PreparationProgress {
  return (op, total) => emit({ phase: 'Preparing the GPU', done: op, total });
}
