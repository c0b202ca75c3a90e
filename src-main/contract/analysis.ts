import type { TargetMatrix } from './model.ts';

/** The singular values of one target matrix. */
export interface MatrixSpectrum extends TargetMatrix {
  /** All min(d_out, d_in) singular values, descending, float32. */
  readonly singularValues: Float32Array;
  /** Set when the matrix is all zero: its rank is 1 by definition. */
  readonly warning?: string;
  /** Spectra of the parts of a fused matrix (q, k, v; gate, up), where it is one. */
  readonly parts?: readonly PartSpectrum[];
}

/** The singular values of a part of a fused matrix: some of its output rows. */
export interface PartSpectrum {
  readonly name: string;
  /** [d_out, d_in] */
  readonly shape: readonly [number, number];
  readonly singularValues: Float32Array;
}

export interface Analysis {
  /** sha256 of the weights; the key of the cache. */
  readonly modelHash: string;
  readonly matrices: readonly MatrixSpectrum[];
  /** Parameters of the whole model. */
  readonly parameters: number;
  readonly seconds: number;
  /** True when every spectrum came from the cache. */
  readonly cached: boolean;
}

/** Sent for each matrix as it is done. */
export interface AnalysisEvent {
  readonly done: number;
  readonly total: number;
  readonly matrix: MatrixSpectrum;
}
