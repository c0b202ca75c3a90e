/** Tokens whose label is this carry no loss. */
export const ignoredLabel = -100;

/** Sequences, one after the other, that begin with the same tokens: these are there once, before the rest of each. */
export interface Family {
  readonly sequences: number;
  /** Tokens that are shared; each sequence has more. */
  readonly shared: number;
}

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
  /** Length of each sequence, shared tokens included; without these they sum to N. */
  readonly lengths: readonly number[];
  /** Of all sequences, in their order; absent where no token is shared. */
  readonly families?: readonly Family[];
  /** [N] the token each position is to predict (already shifted), or {@link ignoredLabel}. */
  readonly labels?: Int32Array;
}

/** A batch to learn from, or to measure. */
export type LabelledBatch = TokenBatch & { readonly labels: Int32Array };
