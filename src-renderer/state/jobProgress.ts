import type { JobEvent } from '../../src-main/contract/jobs.ts';

export interface JobProgress {
  /** 0 … 1 */
  readonly fraction?: number;
  readonly etaSeconds?: number;
  /** Steps of a training, kept to turn a step into a share. */
  readonly steps?: number;
}

/** How far a job is after an event; events that say nothing of it leave it as it was. */
export function progressAfter(before: JobProgress, { event }: JobEvent): JobProgress {
  if ('total' in event && 'done' in event) {
    return event.total > 0 ? { ...before, fraction: event.done / event.total } : before;
  }
  if (!('event' in event)) return before;
  if (event.event === 'start') return { ...before, steps: event.steps };
  if (event.event !== 'step') return before;
  const eta = { ...before, etaSeconds: event.etaSeconds };
  return before.steps === undefined ? eta : { ...eta, fraction: event.step / before.steps };
}
