import type { Series } from './series.ts';

/** One line of a line chart. */
export interface LineSpec {
  readonly key: string;
  readonly label: string;
  readonly data: Series;
  /** Index into the distinct line colours. */
  readonly colour: number;
  /** Draw the values faint and their moving average strong. */
  readonly smooth?: boolean;
  /** Draw each point. */
  readonly marked?: boolean;
  /** Lengths of strokes and gaps, for lines that share a colour. */
  readonly dash?: readonly number[];
}

/** A point to flag, or a level to compare with. */
export interface Flag {
  readonly x?: number;
  readonly y: number;
  readonly text: string;
}
