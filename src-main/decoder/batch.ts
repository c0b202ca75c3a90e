/** Tokens whose label is this carry no loss. */
export const ignoredLabel = -100;

/**
 * Token sequences laid end to end without padding. Every row of every activation is a real token, so padding costs
 * nothing; attention alone looks at where sequences begin and end, hence sequences never see each other (packing
 * without cross-contamination is the same thing as batching).
 */
export interface TokenBatch {
  /** [N] */
  readonly tokens: Int32Array;
  /** [N] position of each token in its sequence, for rotary or learned positions. */
  readonly positions: Int32Array;
  /** Length of each sequence; without a shared prefix they sum to N. */
  readonly lengths: readonly number[];
  /** So many tokens begin every sequence and are there once, in the first; each sequence has more than these. */
  readonly sharedPrefix?: number;
  /** [N] the token each position is to predict (already shifted), or {@link ignoredLabel}. */
  readonly labels?: Int32Array;
}

/** A batch to learn from, or to measure. */
export type LabelledBatch = TokenBatch & { readonly labels: Int32Array };
