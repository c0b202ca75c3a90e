import type { TrainConfig } from '../contract/requests.schema.ts';
import type { DiskNeeds } from '../contract/training.ts';

const float = 4;
/** Name, shape and place of a tensor in a file's header. */
const headerBytes = 150;
/** A step of the log, and what each matrix adds to an evaluation's lines. Measured: less than this. */
const stepBytes = 280;
const matrixBytes = 120;
/** Held-out rows kept (training/keepSamples.ts): both ends, at the last and at the best evaluation, a token each so long. */
const rowsKept = 80;
const longestKept = 1024;
const tokenBytes = 45;

export interface DiskInputs {
  readonly config: Pick<TrainConfig, 'keepCheckpoints' | 'evaluateEvery' | 'sequenceLength'>;
  readonly steps: number;
  readonly trainable: number;
  /** Values of adapters that are not trained, and those that a method's own training keeps. */
  readonly frozenValues: number;
  readonly trainingState: number;
  readonly matrices: number;
  readonly heldOutRows: number;
}

/** The most that a run has on the disk at once. Follows training/session.ts and runs/checkpoints.ts. */
export function estimateDisk(inputs: DiskInputs): DiskNeeds {
  const { config, steps, trainable, frozenValues, trainingState, matrices, heldOutRows } = inputs;
  // The values, and AdamW's two moments of each; a matrix has up to four parts.
  const headers = 3 * 4 * matrices * headerBytes;
  const checkpoint = float * (3 * trainable + trainingState) + headers;
  const checkpoints = checkpointsAtOnce(config.keepCheckpoints, steps) * checkpoint;
  const shared = frozenValues === 0 ? 0 : float * frozenValues + 2 * matrices * headerBytes;
  const evaluations = config.evaluateEvery > 0 ? Math.ceil(steps / config.evaluateEvery) : 1;
  const rows = Math.min(heldOutRows, rowsKept) * Math.min(config.sequenceLength, longestKept) * tokenBytes;
  const records = rows + steps * stepBytes + evaluations * matrices * matrixBytes;
  return { checkpoint, checkpoints, shared, records, total: checkpoints + shared + records };
}

/** Those kept, the best, and the one being written; never more than there are steps and the start. */
export function checkpointsAtOnce(kept: number, steps: number): number {
  return Math.min(kept + 2, steps + 1);
}
