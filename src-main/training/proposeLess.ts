import { memoryProposal } from '../contract/memoryProposal.ts';
import type { TrainConfig } from '../contract/requests.schema.ts';
import { AppError } from '../util/appError.ts';

/** An error of memory with settings that need less; any other as it is. */
export function proposeLess(error: unknown, config: TrainConfig): unknown {
  if (!(error instanceof AppError && error.code === 'OUT_OF_MEMORY')) return error;
  const proposal = memoryProposal(config);
  if (proposal === undefined) return error;
  const { batchSize, accumulation } = proposal;
  const change =
    batchSize === config.batchSize
      ? 'turn on activation checkpointing (--activation-checkpointing), which takes about a third more time'
      : `take ${String(batchSize)} rows at a time and ${String(accumulation)} of these to a step (--batch-size ${String(batchSize)} --accumulation ${String(accumulation)}), which comes to the same`;
  return new AppError(
    'OUT_OF_MEMORY',
    `There is not enough memory for ${whatFailed(error)}; ${change}, and train again.`,
    {
      details: { proposal },
      cause: error,
    },
  );
}

/** What the rehearsal of a run was at, where it is its error. */
function whatFailed({ details }: AppError): string {
  const named = typeof details === 'object' && details !== null && 'what' in details ? details.what : undefined;
  return typeof named === 'string' ? named : 'this training';
}
