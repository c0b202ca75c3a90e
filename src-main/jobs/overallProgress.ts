import type { JobSummary } from '../contract/jobs.ts';
import type { QueueState } from '../contract/queue.ts';

/** What a task bar shows: how far, and whether it stands still. */
export interface OverallProgress {
  /** 0 … 1; undefined while that is not known. */
  readonly fraction: number | undefined;
  readonly paused: boolean;
}

/**
 * How far the work at hand is: a training among all trainings of the queue, any other job by itself. Undefined when
 * nothing works.
 */
export function overallProgress(jobs: readonly JobSummary[], queue: QueueState): OverallProgress | undefined {
  const job = jobs.find(({ state }) => state === 'running' || state === 'paused');
  if (job === undefined) return undefined;
  const paused = job.state === 'paused';
  if (queue.running?.jobId !== job.id) return { fraction: job.fraction, paused };
  // Loading and evaluating count from 0 to 1 too, but say nothing of how far the run is.
  const own = job.phase === 'training' ? (job.fraction ?? 0) : 0;
  return { fraction: (queue.finished + own) / (queue.finished + 1 + queue.waiting.length), paused };
}
