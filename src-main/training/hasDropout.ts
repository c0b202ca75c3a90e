import type { TrainConfig } from '../contract/requests.schema.ts';

/** Whether tokens that are the same in two sequences may get different activations in training. */
export function hasDropout({ method }: Pick<TrainConfig, 'method'>): boolean {
  return 'dropout' in method && method.dropout > 0;
}
