import type { SmallerSettings } from './fit.ts';

/** Settings with which the same training needs less memory. */
export interface MemoryProposal {
  readonly batchSize: number;
  readonly accumulation: number;
  readonly activationCheckpointing: boolean;
}

/**
 * Half the rows at a time and twice as often, which gives the same optimizer step, since gradients are weighted by their
 * labels; where there is one row at a time already, activations computed again. Undefined when neither is left.
 */
export function memoryProposal({
  batchSize,
  accumulation,
  activationCheckpointing,
}: MemoryProposal): MemoryProposal | undefined {
  if (batchSize > 1) {
    const half = Math.ceil(batchSize / 2);
    return { batchSize: half, accumulation: Math.ceil((batchSize * accumulation) / half), activationCheckpointing };
  }
  if (activationCheckpointing) return undefined;
  return { batchSize, accumulation, activationCheckpointing: true };
}

/** The proposal in the details of an error; undefined where there is none. */
export function proposalIn(details: unknown): SmallerSettings | undefined {
  if (typeof details !== 'object' || details === null || !('proposal' in details)) return undefined;
  return details.proposal as SmallerSettings;
}
