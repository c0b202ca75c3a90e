/** What the bench keeps: one file of JSON a row, in docs/benchmarks. */
import type { Kind, Ratio, Summary } from './statistics.ts';

export interface Goal {
  /** What is held against the limit: our share of, or factor over, the peer's value; or our own value. */
  readonly of: 'ratio' | 'value';
  readonly limit: number;
}

/** One thing measured on both sides, or on ours alone. */
export interface Comparison {
  readonly name: string;
  readonly unit: string;
  readonly kind: Kind;
  readonly ours: Summary;
  readonly peer?: Summary;
  readonly ratio?: Ratio;
  readonly goal?: Goal;
  /** What both sides were found to agree on before the time was taken. */
  readonly checked?: string;
}

/** A line of a chart. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Chart {
  readonly file: string;
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly series: readonly Series[];
  /** The x axis as it is; otherwise each doubling takes the same room. */
  readonly linear?: boolean;
}

/** A table of its own under the row: a profile, a list of sizes. */
export interface Table {
  readonly title: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface RowContent {
  readonly comparisons: readonly Comparison[];
  readonly charts?: readonly Chart[];
  readonly tables?: readonly Table[];
  readonly notes?: readonly string[];
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly system: string;
  readonly gpu: string | null;
}

/** What was measured where and when. */
export interface MeasuredElsewhere {
  /** ISO 8601, when the row began. */
  readonly date: string;
  readonly commit: string;
  readonly machine: Machine;
  readonly comparisons: readonly Comparison[];
}

export interface RowResult extends RowContent, MeasuredElsewhere {
  readonly row: string;
  /** Whether files differed from the commit. */
  readonly changed: boolean;
  readonly quick: boolean;
  /** Share of the cores, 0 to 1, that other programs kept at work just before the row began. */
  readonly busyBefore: number;
  readonly seconds: number;
  /** Of both sides; absent where there is no other side. */
  readonly threads?: number;
  readonly versions: Readonly<Record<string, string>>;
  /** The same row on other machines, see `elsewhere.ts`. */
  readonly elsewhere?: readonly MeasuredElsewhere[];
}
