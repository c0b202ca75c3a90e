import type { MatrixSpectrum } from '../contract/analysis.ts';
import type { TargetMatrix } from '../contract/model.ts';
import type { MatrixFacts } from '../methods/types.ts';
import type { OpenedModel } from '../models/types.ts';
import type { Kernels } from '../tensor/kernels.ts';
import type { Clock } from '../util/clock.ts';

/** What a training needs from the engine. */
export interface TrainEnvironment {
  readonly kernels: Kernels;
  readonly clock: Clock;
  readonly appVersion: string;
  /** Singular values of matrices of the model, from the cache where they are known. */
  spectra(
    model: OpenedModel,
    matrices: readonly TargetMatrix[],
    signal: AbortSignal,
    onProgress: (fraction: number) => void,
  ): Promise<ReadonlyMap<string, MatrixSpectrum>>;
  /** U_k, S_k and V_kᵀ of one matrix of the model. */
  singularVectors(
    model: OpenedModel,
    matrix: TargetMatrix,
    k: number,
    signal: AbortSignal,
  ): ReturnType<MatrixFacts['singularVectors']>;
  /** The length of each row of one matrix of the model. */
  rowNorms(model: OpenedModel, matrix: TargetMatrix, signal: AbortSignal): ReturnType<MatrixFacts['rowNorms']>;
}
