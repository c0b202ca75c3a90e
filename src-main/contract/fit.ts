/** What “make it fit” answers: settings with which a training needs less. */
import type { TrainConfig } from './requests.schema.ts';
import type { Estimate } from './training.ts';

/** Settings of a run that can be made smaller; those left out stay as they are. */
export type SmallerSettings = {
  readonly [
    K in
      | 'batchSize'
      | 'accumulation'
      | 'activationCheckpointing'
      | 'sequenceLength'
      | 'weights'
      | 'method'
      | 'keepCheckpoints'
  ]?: TrainConfig[K];
};

/** One change, with what it costs the person; in the order in which they cost more. */
export type FitChange =
  /** The same optimizer step from smaller batches. */
  | {
      readonly kind: 'batch';
      readonly rows: readonly [number, number];
      readonly accumulation: readonly [number, number];
    }
  /** 16-bit weights as they are stored: exact. */
  | { readonly kind: 'weights' }
  /** About a third more time. */
  | { readonly kind: 'recompute' }
  /** `cut` is the share of the rows that lose their end by it. */
  | { readonly kind: 'length'; readonly tokens: readonly [number, number]; readonly cut: number }
  /** The largest rank of a matrix. */
  | { readonly kind: 'rank'; readonly ranks: readonly [number, number] }
  /** Fewer checkpoints beside the best. */
  | { readonly kind: 'checkpoints'; readonly kept: readonly [number, number] };

export interface Fit {
  /** Empty where everything fits as it is. */
  readonly changes: readonly FitChange[];
  /** What the changes come to, to be put into the settings. */
  readonly settings: SmallerSettings;
  readonly before: Estimate;
  readonly after: Estimate;
  /** Whether the run fits with all changes. */
  readonly fits: boolean;
}
