import os from 'node:os';
import type { Analysis, AnalysisEvent, MatrixSpectrum, PartSpectrum } from '../contract/analysis.ts';
import type { TargetMatrix } from '../contract/model.ts';
import type { OpenedModel } from '../models/types.ts';
import { singularValues, singularValuesOfStack } from '../svd/singularValues.ts';
import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import { AppError, throwIfCancelled } from '../util/appError.ts';
import { systemClock, type Clock } from '../util/clock.ts';
import { fusedMatrices, type FusedMatrix } from './fusedParts.ts';
import { loadMatrix, storedShape, type LoadedMatrix } from './readMatrix.ts';
import { SpectrumCache, type CachedSpectrum } from './spectrumCache.ts';

export interface AnalyseOptions {
  readonly model: OpenedModel;
  /** Matrices wanted, of `model.summary.targets`. */
  readonly targets: readonly TargetMatrix[];
  /** Only asked for when something is not in the cache. */
  readonly kernels: () => Promise<Kernels>;
  readonly onMatrix?: (event: AnalysisEvent) => void;
  /** Matrices of one shape that are decomposed side by side, a core each. */
  readonly threads?: number;
  readonly clock?: Clock;
}

/** Largest stack of matrices decomposed at once, in float32 values: 128 MiB, and twice that in float64. */
const valuesPerStack = 32 * 2 ** 20;

/**
 * Singular values of the target matrices. Each is computed once for the model's weights and kept in the cache, so an
 * analysis that was cut off goes on where it was, and opening the model again takes no time.
 * @throws AppError TENSOR_INVALID for a weight that is not finite, TENSOR_MISSING, CANCELLED
 */
export async function analyse(options: AnalyseOptions, signal: AbortSignal): Promise<Analysis> {
  const { model, targets, onMatrix = () => undefined, clock = systemClock } = options;
  const start = clock.now();
  const modelHash = await model.source.hash(signal);
  const cache = new SpectrumCache(modelHash);
  const known = await cache.read();
  const spectra = new Map<string, MatrixSpectrum>();
  const finish = (spectrum: MatrixSpectrum): void => {
    spectra.set(spectrum.name, spectrum);
    onMatrix({ done: spectra.size, total: targets.length, matrix: spectrum });
  };
  const fused = fusedOf(model);
  const missing: TargetMatrix[] = [];
  for (const target of targets) {
    const spectrum = fromCache(target, known, fused);
    if (spectrum === undefined) missing.push(target);
    else finish(spectrum);
  }
  if (missing.length > 0) {
    const kernels = await options.kernels();
    const threads = options.threads ?? os.cpus().length;
    for (const stack of stacksOf(missing, (target) => storedShape(model.source, target), threads)) {
      throwIfCancelled(signal);
      const computed = await decompose(kernels, model, stack, fused, signal);
      await cache.add(computed);
      computed.forEach(finish);
      // Lets cancel and other messages in between two decompositions.
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }
  return {
    modelHash,
    matrices: targets.flatMap((target) => spectra.get(target.name) ?? []),
    parameters: model.summary.parameters,
    seconds: (clock.now() - start) / 1000,
    cached: missing.length === 0,
  };
}

/**
 * Those of the wanted spectra that were computed before; never computes. For estimates.
 * @throws AppError CANCELLED
 */
export async function cachedSpectra(
  model: OpenedModel,
  targets: readonly TargetMatrix[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, MatrixSpectrum>> {
  const known = await new SpectrumCache(await model.source.hash(signal)).read();
  const fused = fusedOf(model);
  const spectra = targets.flatMap((target) => fromCache(target, known, fused) ?? []);
  return new Map(spectra.map((spectrum) => [spectrum.name, spectrum]));
}

function fusedOf({ arch }: OpenedModel): ReadonlyMap<string, FusedMatrix> {
  return arch === undefined ? new Map<string, FusedMatrix>() : fusedMatrices(arch);
}

function fromCache(
  target: TargetMatrix,
  known: ReadonlyMap<string, CachedSpectrum>,
  fused: ReadonlyMap<string, FusedMatrix>,
): MatrixSpectrum | undefined {
  const entry = known.get(target.name);
  const fits = entry?.shape[0] === target.shape[0] && entry.shape[1] === target.shape[1];
  if (entry === undefined || !fits) return undefined;
  const { parts, ...rest } = entry;
  const sizes = new Map(fused.get(target.name)?.parts.map(({ name, count }) => [name, count]));
  const shaped = parts?.map((part): PartSpectrum => {
    return { ...part, shape: [sizes.get(part.name) ?? part.singularValues.length, target.shape[1]] };
  });
  return { ...target, ...rest, ...(shaped === undefined ? {} : { parts: shaped }) };
}

/** Puts matrices stored in one shape together, as many as there are threads and room, in the order of the first. */
function stacksOf(
  targets: readonly TargetMatrix[],
  shapeOf: (target: TargetMatrix) => readonly [number, number],
  threads: number,
): TargetMatrix[][] {
  const open = new Map<string, TargetMatrix[]>();
  const stacks: TargetMatrix[][] = [];
  for (const target of targets) {
    const [rows, columns] = shapeOf(target);
    const key = `${rows}×${columns}`;
    const most = Math.max(1, Math.min(threads, Math.floor(valuesPerStack / (rows * columns))));
    const stack = open.get(key);
    if (stack !== undefined && stack.length < most) stack.push(target);
    else {
      const next = [target];
      open.set(key, next);
      stacks.push(next);
    }
  }
  return stacks;
}

async function decompose(
  k: Kernels,
  model: OpenedModel,
  targets: readonly TargetMatrix[],
  fused: ReadonlyMap<string, FusedMatrix>,
  signal: AbortSignal,
): Promise<MatrixSpectrum[]> {
  const loaded: LoadedMatrix[] = [];
  try {
    for (const target of targets) loaded.push(await loadMatrix(k, model.source, target, signal));
    const values = valuesOfAll(k, loaded);
    return targets.map((target, i): MatrixSpectrum => {
      const matrix = loaded[i];
      const own = values[i];
      if (matrix === undefined || own === undefined) throw new RangeError(`No result for ${target.name}.`);
      checkAgainstNorm(target.name, own, matrix.squaredNorm);
      const parts = fused.get(target.name);
      return {
        ...target,
        singularValues: own,
        ...(matrix.squaredNorm === 0
          ? { warning: `The weight of ${target.name} is all zero; its rank is 1 by definition.` }
          : {}),
        ...(parts === undefined ? {} : { parts: partsOf(k, matrix, parts) }),
      };
    });
  } finally {
    k.free(...loaded.map((matrix) => matrix.tensor));
  }
}

function valuesOfAll(k: Kernels, matrices: readonly LoadedMatrix[]): Float32Array[] {
  const [rows, columns] = matrices[0]?.stored ?? [0, 0];
  const rowsOfAll = k.concat(
    matrices.map((matrix) => matrix.tensor),
    0,
  );
  const stack = k.reshape(k.take(rowsOfAll), [matrices.length, rows, columns]);
  try {
    return singularValuesOfStack(k, stack, [matrices.length, rows, columns]);
  } finally {
    k.free(stack);
  }
}

function partsOf(k: Kernels, { tensor, stored }: LoadedMatrix, { parts, transposed }: FusedMatrix): PartSpectrum[] {
  return parts.map(({ name, from, count }) => {
    const begin: [number, number] = transposed ? [0, from] : [from, 0];
    const shape: [number, number] = transposed ? [stored[0], count] : [count, stored[1]];
    const part: TensorId = k.slice(tensor, begin, shape);
    try {
      return {
        name,
        shape: [count, transposed ? stored[0] : stored[1]],
        singularValues: singularValues(k, part, shape),
      };
    } finally {
      k.free(part);
    }
  });
}

/** Σ s² = Σ w²: a decomposition that did not converge cannot pass. */
function checkAgainstNorm(name: string, values: Float32Array, squaredNorm: number): void {
  let sum = 0;
  for (const s of values) sum += s * s;
  if (Math.abs(sum - squaredNorm) <= 1e-5 * squaredNorm) return;
  throw new AppError('INTERNAL', `The singular values of ${name} do not add up to its norm (${sum}, ${squaredNorm}).`);
}
