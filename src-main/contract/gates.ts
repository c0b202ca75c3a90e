/** The gates of Mo-SARA: how much of each set of singular values a router gives to a token. Types only. */

/** The gates of one adapted matrix over some tokens. */
export interface GateStatistics {
  /** Module path. */
  readonly name: string;
  /** Mean gate of each of the n sets over the tokens; the means sum to 1. */
  readonly mean: readonly number[];
  /** Standard deviation of each gate over the tokens: 0 where the router gives every token the same. */
  readonly deviation: readonly number[];
}

/** What `gates.run` gives: every gate of every token of a text. */
export interface TextGates {
  /** Checkpoint of the run. */
  readonly step: number;
  /** n */
  readonly sets: number;
  readonly tokens: readonly { readonly id: number; readonly text: string }[];
  /** Tokens at the end of the text that were left out: it is longer than the model’s context or the limit. */
  readonly leftOut: number;
  readonly matrices: readonly MatrixGates[];
}

/** The gates of one adapted matrix, token by token. */
export interface MatrixGates extends GateStatistics {
  readonly layer: number;
  readonly module: string;
  readonly rank: number;
  /** Row-major [tokens, n]; each row sums to 1. */
  readonly gates: Float32Array;
}

/**
 * What it costs to freeze the gates at their means, so that the adapter can be merged. Measured on the very rows the
 * means are over, at the tokens that carry loss.
 */
export interface FrozenGateLoss {
  /** Checkpoint of the run. */
  readonly step: number;
  /** Where the rows are from: the run’s held-out rows, its training rows where nothing was held out, or a file. */
  readonly source: 'validation' | 'training' | 'file';
  readonly rows: number;
  /** Tokens that the gates are averaged over. */
  readonly tokens: number;
  /** Tokens at which the predictions are compared. */
  readonly positions: number;
  /** Mean KL(adapter ‖ frozen), in nats a token. */
  readonly kl: number;
  /** Share of positions at which the most probable token stays the same. */
  readonly topOneAgreement: number;
  readonly adapter: { readonly loss: number; readonly perplexity: number };
  readonly frozen: { readonly loss: number; readonly perplexity: number };
}

/** What `calibrate.run` gives. */
export interface Calibration extends FrozenGateLoss {
  /** In the order of the model. */
  readonly matrices: readonly GateStatistics[];
}
