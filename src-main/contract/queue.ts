/** The queue of trainings as the window and sweeps see it. */
import type { ErrorShape } from './errors.ts';
import type { QueueEntry } from './queue.schema.ts';

export interface QueueState {
  /** In the order in which they will start. */
  readonly waiting: readonly QueueEntry[];
  readonly running?: { readonly entry: QueueEntry; readonly jobId: string };
  /** Nothing starts by itself until the queue goes on. */
  readonly held: boolean;
  /** Why it is held, where that was not the person's wish. */
  readonly heldBecause?: ErrorShape | 'restart';
  /** How many have ended since the queue was last empty. */
  readonly finished: number;
}

/** How a queued training ended; `removed` was taken out before it began. */
export interface QueueOutcome {
  readonly state: 'done' | 'failed' | 'cancelled' | 'removed';
  /** Run folder, where one was made. */
  readonly run?: string;
  readonly error?: ErrorShape;
}
