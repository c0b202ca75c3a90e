/** What is said of a data file, and how its rows look to the model. */
import type { ChatMessage } from './model.ts';

/** `text`: a document (.txt, .md); `folder`: all data files of a folder as one data set. */
export type DataFormat = 'jsonl' | 'json' | 'csv' | 'parquet' | 'text' | 'folder';

/** How rows are understood. `prompt`: prompt and completion; `instruction`: instruction, input, output; … */
export type DataLayout = 'prompt' | 'instruction' | 'messages' | 'text';

/** Which columns hold what, where the person says so; `context` is put below the prompt with a blank line between. */
export type ColumnMapping =
  | {
      readonly prompt: string;
      readonly context?: string | undefined;
      readonly completion: string;
      readonly text?: undefined;
    }
  | { readonly text: string; readonly prompt?: undefined };

export interface RowProblem {
  /**
   * Row number as a person counts it: the line of a JSONL file, the line a CSV record or a passage of a document begins
   * on, else the 1-based index in the list, the Parquet file or the folder.
   */
  readonly row: number;
  readonly reason: string;
}

export interface DatasetSummary {
  readonly path: string;
  readonly format: DataFormat;
  /** Of a folder: the files it was read from, in order. */
  readonly files?: readonly string[];
  readonly columns: readonly string[];
  /** Undefined when no layout fits and a mapping is needed. */
  readonly layout?: DataLayout;
  /** Rows that can be used. */
  readonly rows: number;
  readonly problems: readonly RowProblem[];
  /** Total number of problems; `problems` holds the first 1000. */
  readonly problemCount: number;
  readonly notices: readonly string[];
}

/** How an example is turned into text. `chat`: the model's own template; `plain`: prompt, newline, completion, end token. */
export type TemplateChoice = 'chat' | 'plain';

export interface PreviewToken {
  readonly id: number;
  readonly text: string;
  /** True when the model is trained to predict this token. */
  readonly loss: boolean;
}

export interface PreviewRow {
  readonly row: number;
  /** The row as it is in the file, as JSON. */
  readonly raw: string;
  readonly rendered: string;
  readonly tokens: readonly PreviewToken[];
  /** Tokens cut off at the sequence length. */
  readonly truncated: number;
}

export interface DataPreview {
  readonly rows: readonly PreviewRow[];
  readonly totalRows: number;
}

/** A row that a run was evaluated on, to be asked again. */
export interface HeldOutRow {
  /** Its number in its file. */
  readonly row: number;
  /** What it asks, as one text; the beginning of the passage for plain text. */
  readonly question: string;
  /** The conversation before the answer, where the row is one. */
  readonly messages?: readonly ChatMessage[];
  /** The answer that the row has; empty for plain text. */
  readonly answer: string;
}

/**
 * How long the rows of a run are, those left out by its rules not counted. Of many rows some are tokenised, and all counts
 * but `longest` and `median` are scaled up to all of them.
 */
export interface LengthStatistics {
  /** Upper edges (inclusive) of the bins, in tokens, and how many rows fall in each. */
  readonly edges: readonly number[];
  readonly counts: readonly number[];
  /** Rows on both sides of the split; a document counts as the stretches that it is learnt in. */
  readonly rows: number;
  readonly trainRows: number;
  readonly validationRows: number;
  /** Rows that were tokenised, where these are not all. */
  readonly sampled?: number;
  /** What is left after the cut at the sequence length; bins, longest and median are of the rows before it. */
  readonly tokens: number;
  readonly lossTokens: number;
  /** Of the training rows alone. */
  readonly trainLossTokens: number;
  readonly longest: number;
  readonly median: number;
  /** Rows longer than the sequence length, and rows of which no token carries loss. */
  readonly truncatedRows: number;
  readonly rowsWithoutLoss: number;
  /** Rows with an answer, and those of them in which no end token carries loss. */
  readonly answers: number;
  readonly answersWithoutEnd: number;
}

/** Rows that hold a text that was searched for. */
export interface RowMatches {
  /** Of the first ones: place among the usable rows (counted from 0), and the text around the match. */
  readonly matches: readonly RowMatch[];
  /** How many there are in all, and in how many usable rows they were looked for. */
  readonly count: number;
  readonly rows: number;
}

export interface RowMatch {
  readonly index: number;
  /** As {@link RowProblem} counts rows. */
  readonly row: number;
  readonly excerpt: string;
  /** Where in the excerpt the match begins and ends. */
  readonly from: number;
  readonly to: number;
}
