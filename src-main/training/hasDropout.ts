import type { TrainConfig } from '../contract/requests.schema.ts';

/** Whether tokens that are the same in two sequences may get different activations in training. */
export function hasDropout({ method }: Pick<TrainConfig, 'method'>): boolean {
  return 'dropout' in method && method.dropout > 0;
}

/**
 * Whether no batch needs more than the one with the most tokens once what all rows begin with is computed a single time:
 * with packing, another batch may have fewer sequences that share it.
 */
export function largestBatchShares(config: Pick<TrainConfig, 'method' | 'packing'>): boolean {
  return !hasDropout(config) && !config.packing;
}
