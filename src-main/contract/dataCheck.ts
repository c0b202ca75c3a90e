/** What can be wrong with rows that can be used, and what is done about it. No zod, no Node. */

/**
 * Rules that leave rows out of a run. `duplicates`: rows that repeat an earlier one word for word, white space and case
 * aside; `empty-prompts`; `too-long`: rows that would be cut at the sequence length; `leaks`: training rows whose
 * prompt (or text) is also among the held-out rows, white space, case and punctuation aside.
 */
export const dropRules = ['duplicates', 'empty-prompts', 'too-long', 'leaks'] as const;
export type DropRule = (typeof dropRules)[number];

/**
 * Rules that put rows on the other side of the split. `leaks`: training rows whose prompt (or text) is also among the
 * held-out rows are held out too.
 */
export const moveRules = ['leaks'] as const;
export type MoveRule = (typeof moveRules)[number];

export interface DataFinding {
  readonly kind:
    | 'bad-rows'
    | 'exact-duplicates'
    | 'duplicates'
    | 'empty-prompts'
    | 'too-long'
    | 'without-loss'
    | 'without-end'
    | 'exact-leaks'
    | 'leaks';
  /** Number of rows concerned. */
  readonly count: number;
  /** The first of them, at most 1000, as {@link RowProblem} counts rows. */
  readonly rows: readonly FoundRow[];
  /** The setting of the run that leaves these rows out; absent where the rows are left out anyway. */
  readonly fix?: DropRule;
  /** The setting that keeps them, on the other side of the split. */
  readonly move?: MoveRule;
}

export interface FoundRow {
  readonly row: number;
  /** The earlier or held-out row that it repeats. */
  readonly of?: number;
  /** Tokens, for rows that are too long; a reason, for bad ones. */
  readonly tokens?: number;
  readonly reason?: string;
}

export interface DataCheck {
  /** Usable rows that were looked at, and those on each side of the split. */
  readonly rows: number;
  readonly trainRows: number;
  readonly validationRows: number;
  /** Rows that the rules of the settings leave out, and training rows that they move to the held-out ones. */
  readonly dropped: number;
  readonly moved: number;
  /** Only kinds that occur, the most serious first. */
  readonly findings: readonly DataFinding[];
  /** Rows in each script (`Latin`, `Han`, …): the one that most letters of the row are of; the commonest first. */
  readonly scripts: readonly { readonly script: string; readonly rows: number }[];
  /**
   * Rows in each language (ISO 639-1 code) as far as it can be told from the row's answer or text; `und` where it is too
   * short or unclear. The commonest first.
   */
  readonly languages: readonly { readonly language: string; readonly rows: number }[];
}
