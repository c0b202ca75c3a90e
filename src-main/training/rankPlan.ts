import type { MatrixSpectrum } from '../contract/analysis.ts';
import type { TargetMatrix } from '../contract/model.ts';
import { cumulativeSums, loraParameters, ranksFor, saraParameters } from '../contract/rank.ts';
import type { MethodConfig, Targets } from '../contract/requests.schema.ts';
import type { AdapterRank } from '../contract/training.ts';
import { AppError } from '../util/appError.ts';

/**
 * The matrices that get an adapter, in the model's order.
 * @throws AppError SETTINGS_INVALID when a module that is named is not in the model
 */
export function chooseTargets(all: readonly TargetMatrix[], targets: Targets): readonly TargetMatrix[] {
  if (targets === 'all') return all;
  const modules = new Set(all.map((matrix) => matrix.module));
  const unknown = targets.find((module) => !modules.has(module));
  if (unknown !== undefined) {
    throw new AppError(
      'SETTINGS_INVALID',
      `The model has no module ${unknown} to adapt; choose among ${[...modules].join(', ')}.`,
    );
  }
  return all.filter((matrix) => targets.includes(matrix.module));
}

/** Whether the ranks of a method follow from the singular values. */
export function needsSpectra(method: MethodConfig): boolean {
  return method.name === 'sara';
}

/**
 * Rank and trainable parameters of each matrix: by the rank rule for SARA, the one given for LoRA (at most p).
 * @param spectra singular values of at least the `matrices`; only looked at where {@link needsSpectra}
 */
export function planRanks(
  matrices: readonly TargetMatrix[],
  method: MethodConfig,
  spectra: ReadonlyMap<string, MatrixSpectrum>,
): AdapterRank[] {
  switch (method.name) {
    case 'sara': {
      const ranked = matrices.map((matrix) => ({
        layer: matrix.layer,
        shape: matrix.shape,
        cumulative: cumulativeSums(spectrumOf(matrix, spectra).singularValues),
      }));
      const ranks = ranksFor(ranked, method);
      return matrices.map((matrix, i) => planned(matrix, ranks[i] ?? 1, saraParameters));
    }
    case 'lora':
      return matrices.map((matrix) => planned(matrix, Math.min(method.rank, ...matrix.shape), loraParameters));
  }
}

function planned(
  { name, layer, module, shape }: TargetMatrix,
  rank: number,
  parameters: (shape: readonly [number, number], rank: number) => number,
): AdapterRank {
  return { name, layer, module, shape, rank, trainable: parameters(shape, rank) };
}

function spectrumOf(matrix: TargetMatrix, spectra: ReadonlyMap<string, MatrixSpectrum>): MatrixSpectrum {
  const spectrum = spectra.get(matrix.name);
  if (!spectrum) throw new AppError('INTERNAL', `The singular values of ${matrix.name} were not computed.`);
  return spectrum;
}
