import type { MatrixSpectrum } from '../contract/analysis.ts';
import type { MethodConfig } from '../contract/methods.schema.ts';
import type { TargetMatrix } from '../contract/model.ts';
import type { ModelWeight } from '../models/archWeights.ts';
import type { Kernels } from '../tensor/kernels.ts';
import type { Rng } from '../util/rng.ts';
import type { AdapterSet, MatrixFacts, PlannedMatrix } from './types.ts';

/** Singular values of matrices, by module path. */
export type Spectra = ReadonlyMap<string, MatrixSpectrum>;

/** What the adapter of one matrix takes besides its parameters. */
export interface MatrixCost {
  /** Values kept for the backward pass, for each token. */
  readonly keptPerToken: number;
  /** Values of frozen tensors that belong to the adapter. */
  readonly frozen: number;
  /** Further values that are kept while training (AdaLoRA's importances). */
  readonly trainingState?: number;
}

/** Everything the app knows about one method; each folder of `methods/` exports one. */
export interface Method<Config extends MethodConfig> {
  /** Whether ranks or start values depend on the singular values of the weights. */
  needsSpectra(config: Config): boolean;
  /**
   * The rank of each matrix, 1 … min(d_out, d_in).
   * @param spectra of at least the `matrices`; only looked at where {@link needsSpectra}
   */
  ranks(matrices: readonly TargetMatrix[], config: Config, spectra: Spectra): readonly number[];
  /**
   * Whether a run of so many steps is possible with these settings; absent where it always is.
   * @throws AppError SETTINGS_INVALID
   */
  checkSteps?(config: Config, totalSteps: number): void;
  /**
   * Whether a weight of the model is itself trained; only of methods that do so, whose parameters these are.
   * @param matrices module paths of the target matrices
   */
  trainsWeight?(config: Config, weight: ModelWeight, matrices: ReadonlySet<string>): boolean;
  /** Trainable parameters of one adapter. */
  countParameters(shape: readonly [number, number], rank: number, config: Config): number;
  /**
   * The adapters of a run at their start, where ΔW = 0.
   * @param matrices in the model's order, each with its rank
   * @param rng drawn from in that order; the same state gives the same adapters
   * @throws AppError CANCELLED and what the facts throw
   */
  createAdapters(
    kernels: Kernels,
    matrices: readonly PlannedMatrix[],
    config: Config,
    facts: MatrixFacts,
    rng: Rng,
    signal: AbortSignal,
  ): Promise<AdapterSet>;
  /** For estimates of memory and size. */
  cost(matrix: PlannedMatrix, config: Config): MatrixCost;
  /** The method and its settings in a few words, for model cards. */
  describe(config: Config): string;
}
