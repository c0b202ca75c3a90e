/** The held-out rows of a run that go best and worst, with the loss of every token. Types only. */

export interface JudgedToken {
  readonly text: string;
  /** −log p of the token in nats; null where it carries no loss. */
  readonly loss: number | null;
}

export interface JudgedRow {
  /** As {@link RowProblem} counts rows. */
  readonly row: number;
  /** Mean over the tokens of the row that carry loss, in nats. */
  readonly loss: number;
  /** The same before training. */
  readonly baseLoss?: number;
  readonly tokens: readonly JudgedToken[];
  /** Tokens at the end that are not listed. */
  readonly more?: number;
}

/** Of one evaluation. */
export interface ValidationSamples {
  readonly step: number;
  /** Held-out rows in all. */
  readonly rows: number;
  /** At most 20 each; the worst first, and the best first. With few rows a row may be in both. */
  readonly worst: readonly JudgedRow[];
  readonly best: readonly JudgedRow[];
}

/** What a run has kept: of its best evaluation and of its last; nothing without held-out rows. */
export interface RunSamples {
  readonly best?: ValidationSamples;
  readonly last?: ValidationSamples;
}
