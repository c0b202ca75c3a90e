import { z } from 'zod';

const count = z.number().int().nonnegative();

/**
 * What a checkpoint holds besides tensors: all that a resumed run needs to go on as if it had never stopped. Random
 * numbers need no state of their own: every draw depends on the seed and on the step or epoch it is for.
 */
export const checkpointStateSchema = z.object({
  /** Optimizer steps done; also the place in the learning-rate schedule. */
  step: count,
  /** Where the next optimizer step takes its rows (BatchPlanner.position). */
  data: z.object({ epoch: count, index: count }),
  /** sha256 of the tokenised training rows: going on with other rows would not be the same run. */
  dataHash: z.string(),
  best: z.object({ step: count, loss: z.number() }).nullable(),
  baseLoss: z.number().nullable(),
  /** Evaluations since the best one. */
  evaluationsWithoutGain: count,
  /** Real tokens seen, and seconds of training so far. */
  tokens: count,
  elapsedSeconds: z.number().nonnegative(),
});
export type CheckpointState = z.infer<typeof checkpointStateSchema>;
