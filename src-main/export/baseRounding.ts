/**
 * What the quantisation of a base costs, as far as its file alone can tell. Values that were rounded to steps of size d
 * lie d²/12 from their originals in the mean square; the steps are seen in the values themselves. Noise of that size on
 * the stored weights then shows how much such a rounding moves the answers of this very model.
 */
import type { BaseRounding, ProgressEvent } from '../contract/results.ts';
import type { AdapterSet } from '../methods/types.ts';
import { transposedMatrices } from '../models/transposed.ts';
import type { OpenedModel, StoredType, TensorInfo, WeightSource } from '../models/types.ts';
import { Rng } from '../util/rng.ts';
import { valueCount } from '../util/valueCount.ts';
import { logitsOf } from './answers.ts';
import { compareLogits } from './compareLogits.ts';
import { isQuantised } from './exportChecks.ts';
import type { ExportSource, Probe } from './exportPlan.ts';

/** Rows of each tensor that are looked at. */
const sampledRows = 32;
/** Values that share a step: the smallest group of each type. */
const groupOf = (type: StoredType): number => (['Q2_K', 'Q3_K', 'Q6_K'].includes(type) ? 16 : 32);
const noiseSeed = 20_240;

/**
 * @param reference logits of the model in memory to the probe
 * @returns undefined where no weight that is left of the base is quantised
 */
export async function baseRounding(
  { model, adapters, kernels }: ExportSource,
  reference: Float32Array,
  probe: Probe,
  onProgress: (event: ProgressEvent) => void,
  signal: AbortSignal,
): Promise<BaseRounding | undefined> {
  const errors = await roundingErrors(model, adapters);
  const type = model.summary.dtypes.find((name) => isQuantised(name as StoredType));
  if (errors.size === 0 || type === undefined) return undefined;
  onProgress({ phase: 'Measuring the quantisation of the base', done: 0, total: 1 });
  const noisy = { ...model, source: withNoise(model.source, errors) };
  const logits = await logitsOf(kernels, noisy, adapters, probe, signal);
  const { kl, topOneAgreement } = compareLogits(reference, logits, model.summary.vocabularySize);
  return { type, relativeError: meanError(model, errors), kl, topOneAgreement };
}

/** Expected ‖original − stored‖ / ‖stored‖ of each quantised tensor that was not itself trained, by name. */
async function roundingErrors(model: OpenedModel, adapters: AdapterSet | undefined): Promise<Map<string, number>> {
  const transposed = transposedMatrices(model.arch);
  const errors = new Map<string, number>();
  for (const { name, shape, type } of model.source.tensors.values()) {
    if (!isQuantised(type) || shape.length !== 2 || adapters?.weights?.has(name) === true) continue;
    const [rows = 0, width = 0] = shape;
    const count = Math.min(sampledRows, rows);
    // From the middle, on a border of groups also where they lie along columns.
    const from = Math.floor((rows - count) / 2 / sampledRows) * sampledRows;
    const values = await model.source.readRows(name, from, count);
    // Groups lie along the rows of the file; a matrix that is turned on reading has them along its columns.
    const turned = transposed.has(name.replace(/\.weight$/, ''));
    errors.set(name, roundingError(turned ? columnsOf(values, count, width) : values, groupOf(type)));
  }
  return errors;
}

/** Of values rounded in groups that lie one after another: √(Σ d²/12 / Σ w²), d the smallest gap within a group. */
export function roundingError(values: Float32Array, group: number): number {
  let error = 0;
  let norm = 0;
  for (let start = 0; start + group <= values.length; start += group) {
    const sorted = values.slice(start, start + group).sort();
    const step = smallestGap(sorted);
    error += (group * step ** 2) / 12;
    norm += sorted.reduce((sum, value) => sum + value ** 2, 0);
  }
  return norm === 0 ? 0 : Math.sqrt(error / norm);
}

function smallestGap(sorted: Float32Array): number {
  const largest = Math.max(Math.abs(sorted[0] ?? 0), Math.abs(sorted.at(-1) ?? 0));
  let smallest = Infinity;
  for (let i = 1; i < sorted.length; i++) {
    const gap = (sorted[i] ?? 0) - (sorted[i - 1] ?? 0);
    // Equal levels may differ in the last bit of float32.
    if (gap > largest * 1e-5 && gap < smallest) smallest = gap;
  }
  return smallest === Infinity ? 0 : smallest;
}

function columnsOf(values: Float32Array, rows: number, width: number): Float32Array {
  return Float32Array.from(values, (_, i) => values[(i % rows) * width + Math.floor(i / rows)] ?? 0);
}

/** Over all quantised tensors, each by its number of values. */
function meanError({ source }: OpenedModel, errors: ReadonlyMap<string, number>): number {
  let sum = 0;
  let values = 0;
  for (const [name, error] of errors) {
    const tensor = source.tensors.get(name);
    const count = tensor === undefined ? 0 : valueCount(tensor.shape);
    sum += count * error ** 2;
    values += count;
  }
  return Math.sqrt(sum / values);
}

/** The same weights with uniform noise of the given relative size on each row; drawn in the order of reading. */
function withNoise(source: WeightSource, errors: ReadonlyMap<string, number>): WeightSource {
  const rng = new Rng(noiseSeed);
  return {
    tensors: source.tensors,
    hash: (signal) => source.hash(signal),
    close: () => source.close(),
    async readRows(name, from, count) {
      const rows = await source.readRows(name, from, count);
      const error = errors.get(name) ?? 0;
      return error === 0 ? rows : noisyRows(rows, rowWidth(source.tensors.get(name)), error, rng);
    },
  };
}

function rowWidth(info: TensorInfo | undefined): number {
  return info?.shape[1] ?? 1;
}

function noisyRows(rows: Float32Array, width: number, error: number, rng: Rng): Float32Array {
  const noisy = Float32Array.from(rows);
  for (let start = 0; start < noisy.length; start += width) {
    const row = noisy.subarray(start, start + width);
    const size = Math.sqrt(row.reduce((sum, value) => sum + value ** 2, 0) / width);
    // Uniform on ±√3 has a mean square of 1.
    const range = error * size * Math.sqrt(3);
    for (let i = 0; i < row.length; i++) row[i] = (row[i] ?? 0) + range * (2 * rng.next() - 1);
  }
  return noisy;
}
