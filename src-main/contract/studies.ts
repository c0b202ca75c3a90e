/** What studies give: points that are computed once, and the result made of them. */
import type { MethodConfig } from './methods.schema.ts';
import type { PreparingEvent } from './preparation.ts';
import type {
  AblationStudy,
  OverviewStudy,
  RelationStudy,
  RobustnessStudy,
  ScalingStudy,
  SpectraStudy,
  Study,
  ThresholdStudy,
} from './studies.schema.ts';

export type StudyName = Study['study'];

/** Every study with what it shows, in the order of lists. */
export const studyTitles: Readonly<Record<StudyName, string>> = {
  overview: 'One matrix: its values, its spectrum, the cut at m and the adapter, to scale',
  threshold: 'Ranks, trainable parameters and held-out loss over the threshold m',
  relation: 'Gain of held-out loss against k, one layer or matrix adapted at a time',
  heads: 'Spectra and k of each attention head',
  merged: 'Spectra and k of whole W_q, W_k, W_v and W_o',
  QVmerged: 'Spectra and k of W_q and W_v stacked',
  robustness: 'Spread over seeds, learning rates and shares of the data, SARA against LoRA at equal budget',
  scaling: 'k and trainable share against the size of models',
  ablation: 'Methods side by side over learning rates and seeds',
};

/** Those that train probes, hence need data. */
export const probingStudies: readonly StudyName[] = ['threshold', 'relation', 'robustness', 'ablation'];

export interface StudiedModel {
  readonly path: string;
  readonly name: string;
  readonly family: string;
  /** sha256 of the weights. */
  readonly hash: string;
  readonly parameters: number;
}

/**
 * One short training: what `sara train` gives with the same settings and seed. All seeds of a study hold out and draw the
 * same rows, those of its first seed where `rowSeed` does not say otherwise.
 */
export interface Probe {
  /** sha256 over weights, tokens and settings; the same key is the same training. */
  readonly key: string;
  readonly method: MethodConfig;
  readonly learningRate: number;
  readonly seed: number;
  readonly steps: number;
  readonly trainRows: number;
  readonly heldOutRows: number;
  readonly trainable: number;
  /** Held-out loss before the first step and after the last, nats per token; null: training became not finite. */
  readonly baseLoss: number;
  readonly loss: number | null;
  /** Loss of the last step's batch, before that step. */
  readonly trainLoss: number | null;
  readonly seconds: number;
}

/** Probes that differ by their seeds alone. */
export interface ProbeCell {
  readonly learningRate: number;
  /** The finished ones, in the order of the seeds. */
  readonly probes: readonly Probe[];
  /** Seeds that are still to be done. */
  readonly missing: number;
  /** Of the held-out loss; absent when nothing is finished, or a seed has diverged. */
  readonly mean?: number;
  /** Sample standard deviation (n − 1); absent for one seed. */
  readonly deviation?: number;
}

/** A correlation with its 95 % interval. */
export interface Correlation {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

interface Common<Name extends StudyName, Settings> {
  readonly version: 1;
  readonly study: Name;
  readonly settings: Settings;
  readonly models: readonly StudiedModel[];
  readonly createdAt: string;
  readonly appVersion: string;
  /** Points of the study, those that were there already, and whether all are there now. */
  readonly points: { readonly total: number; readonly reused: number; readonly complete: boolean };
  readonly seconds: number;
  /** Where this result is kept; absent when it is not. */
  readonly file?: string;
}

export interface OverviewResult extends Common<'overview', OverviewStudy> {
  readonly matrix: {
    readonly name: string;
    readonly layer: number;
    readonly module: string;
    /** [d_out, d_in] */
    readonly shape: readonly [number, number];
    readonly singularValues: readonly number[];
    readonly rank: number;
    readonly trainable: number;
    readonly weights: number;
    /** Means over blocks of W0, row-major; `largest` is the largest absolute one. */
    readonly image: {
      readonly rows: number;
      readonly columns: number;
      readonly values: readonly number[];
      readonly largest: number;
    };
  };
}

export interface ThresholdRow {
  readonly threshold: number;
  readonly leastRank: number;
  readonly meanRank: number;
  readonly mostRank: number;
  /** Mean k of the matrices of each module. */
  readonly modules: readonly { readonly module: string; readonly meanRank: number }[];
  readonly trainable: number;
  /** Of all parameters of the model. */
  readonly share: number;
  /** LoRA's rank at this budget. */
  readonly loraRank: number;
  /** One for each learning rate; empty where m was not probed. */
  readonly cells: readonly ProbeCell[];
}
export interface ThresholdResult extends Common<'threshold', ThresholdStudy> {
  readonly rows: readonly ThresholdRow[];
}

export interface RelationRow {
  readonly layer: number;
  /** Module path for a study by matrix. */
  readonly matrix?: string;
  /** k of the matrix, or the mean over the layer's matrices. */
  readonly rank: number;
  readonly trainable: number;
  /** Mean over seeds of base loss − loss, nats per token; absent when nothing is finished, or a seed has diverged. */
  readonly gain?: number;
  readonly cell: ProbeCell;
}
export interface RelationResult extends Common<'relation', RelationStudy> {
  readonly rows: readonly RelationRow[];
  /** Of gain and k; absent with fewer than four rows, or where one of the two does not vary. */
  readonly correlations?: {
    /** Interval: percentile bootstrap over rows, 2,000 draws with a fixed seed. */
    readonly spearman: Correlation;
    /** Interval: Fisher's z. */
    readonly pearson: Correlation;
    /** τ_b; interval as of Spearman. */
    readonly kendall: Correlation;
    readonly rows: number;
  };
}

export interface SpectrumRow {
  readonly layer: number;
  readonly part: 'q' | 'k' | 'v' | 'o' | 'qv';
  /** Head of the part, counted from 0; key and value heads have numbers of their own. */
  readonly head?: number;
  /** Module path of the matrix it was taken from, or of the first. */
  readonly matrix: string;
  readonly shape: readonly [number, number];
  readonly rank: number;
  /** k / min(d_out, d_in) */
  readonly relativeRank: number;
  /** exp of the entropy of s_i / Σ s (Roy & Vetterli 2007). */
  readonly effectiveRank: number;
  readonly largest: number;
  readonly sum: number;
  readonly singularValues: readonly number[];
}
export interface SpectraResult extends Common<'heads' | 'merged' | 'QVmerged', SpectraStudy> {
  readonly rows: readonly SpectrumRow[];
}

export interface RobustnessGroup {
  readonly label: string;
  readonly method: MethodConfig;
  readonly fraction: number;
  readonly cells: readonly ProbeCell[];
}
export interface RobustnessSpread {
  readonly label: string;
  readonly fraction: number;
  /** Of the learning rate with the least mean. */
  readonly best?: { readonly learningRate: number; readonly mean: number; readonly deviation?: number };
  /** Between the largest and the least mean over learning rates; absent where one diverged. */
  readonly overLearningRates?: number;
}
export interface RobustnessResult extends Common<'robustness', RobustnessStudy> {
  readonly groups: readonly RobustnessGroup[];
  readonly spreads: readonly RobustnessSpread[];
}

export interface ScalingRow {
  readonly model: StudiedModel;
  readonly layers: number;
  readonly hiddenSize: number;
  readonly ranks: readonly {
    readonly threshold: number;
    readonly meanRank: number;
    readonly mostRank: number;
    readonly trainable: number;
    readonly share: number;
  }[];
}
export interface ScalingResult extends Common<'scaling', ScalingStudy> {
  readonly rows: readonly ScalingRow[];
}

export interface AblationRow {
  readonly label: string;
  readonly method: MethodConfig;
  readonly cells: readonly ProbeCell[];
  /** Index of the cell with the least mean; absent when none has a mean. */
  readonly best?: number;
}
export interface AblationResult extends Common<'ablation', AblationStudy> {
  readonly rows: readonly AblationRow[];
}

export type StudyResult =
  OverviewResult | ThresholdResult | RelationResult | SpectraResult | RobustnessResult | ScalingResult | AblationResult;

export type StudyEvent =
  | PreparingEvent
  | {
      readonly event: 'phase';
      readonly phase: 'loading' | 'analysing' | 'tokenising' | 'computing';
      /** 0 … 1 within this phase. */
      readonly fraction?: number;
      /** What is being computed, e.g. `layer 3, seed 1`. */
      readonly text?: string;
    }
  | {
      readonly event: 'points';
      readonly done: number;
      readonly total: number;
      /** Of those done, how many were there already. */
      readonly reused: number;
      /** Seconds for the rest, from the points computed now; absent before the first. */
      readonly etaSeconds?: number;
      /** The probe that was finished, where it was one. */
      readonly probe?: Probe;
      /** Its place in the study, e.g. `SARA zero-b, lr 0.001, seed 2`. */
      readonly text?: string;
    }
  /** The result as far as it goes, after each point of a study with probes. */
  | { readonly event: 'partial'; readonly result: StudyResult }
  | { readonly event: 'note'; readonly text: string };

/** A result that is kept. */
export interface StudySummary {
  readonly path: string;
  readonly study: StudyName;
  readonly models: readonly string[];
  readonly createdAt: string;
  readonly points: number;
}
