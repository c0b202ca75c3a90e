import { loadMatrix } from '../analysis/readMatrix.ts';
import { cumulativeSums, ranksFor } from '../contract/rank.ts';
import type { SpectraStudy } from '../contract/studies.schema.ts';
import type { SpectrumRow, StudyResult } from '../contract/studies.ts';
import { transposedMatrices } from '../models/transposed.ts';
import type { OpenedModel } from '../models/types.ts';
import { singularValues } from '../svd/singularValues.ts';
import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import { effectiveRank } from '../training/productSpectrum.ts';
import { AppError, throwIfCancelled } from '../util/appError.ts';
import { headParts, mergedParts, queryValueParts, type SpectrumPart, type Stretch } from './headParts.ts';
import { keyOf } from './probeKey.ts';
import { withModel } from './probedModel.ts';
import type { Finish, StudyContext, StudyFunction } from './study.ts';

/** Spectra of the parts of each layer: one point a layer. */
async function attentionSpectra(
  settings: SpectraStudy,
  partsOf: (model: OpenedModel) => SpectrumPart[],
  context: StudyContext,
  finish: Finish<'heads' | 'merged' | 'QVmerged'>,
): Promise<StudyResult> {
  return withModel(settings.model, context, async (model, studied) => {
    const parts = partsOf(model);
    const layers = chooseLayers(parts, settings, model.summary.name);
    const { store, counter, signal, emit } = context;
    const spectra = new Map<number, readonly (readonly number[])[]>();
    const keys = new Map(
      layers.map((layer) => [layer, keyOf('spectra', { study: settings.study, hash: studied.hash, layer: layer + 1 })]),
    );
    for (const [layer, key] of keys) {
      const known = store.get(key);
      if (known !== undefined) spectra.set(layer, known as readonly (readonly number[])[]);
    }
    counter.begin(layers.length, spectra.size);
    for (const [layer, key] of keys) {
      if (spectra.has(layer)) continue;
      if (counter.full) break;
      throwIfCancelled(signal);
      emit({ event: 'phase', phase: 'analysing', text: `layer ${layer}` });
      const own = parts.filter((part) => part.layer === layer);
      const values = await spectraOfLayer((await context.environment()).kernels, model, own, signal);
      await store.add(key, values);
      spectra.set(layer, values);
      counter.computed({ text: `layer ${layer}` });
    }
    const rows = layers.flatMap((layer) =>
      parts
        .filter((part) => part.layer === layer)
        .flatMap((part, i) => {
          const values = spectra.get(layer)?.[i];
          return values === undefined ? [] : [rowOf(part, values, settings)];
        }),
    );
    return finish([studied], { rows });
  });
}

/** Each head's rows of W_q, W_k, W_v and columns of W_o. */
export const heads: StudyFunction<'heads'> = async (settings, context, finish) =>
  attentionSpectra(settings, headParts, context, finish);

/** Whole W_q, W_k, W_v and W_o. */
export const merged: StudyFunction<'merged'> = async (settings, context, finish) =>
  attentionSpectra(settings, mergedParts, context, finish);

/** [W_q; W_v]. */
export const queryValue: StudyFunction<'QVmerged'> = async (settings, context, finish) =>
  attentionSpectra(settings, queryValueParts, context, finish);

function chooseLayers(parts: readonly SpectrumPart[], { layers: wanted }: SpectraStudy, name: string): number[] {
  const there = [...new Set(parts.map(({ layer }) => layer))];
  if (there.length === 0) {
    throw new AppError(
      'SETTINGS_INVALID',
      `The attention of ${name} has no query, key, value or output matrices that could be told apart; sara analyze shows the spectra of its matrices as they are.`,
    );
  }
  const missing = wanted?.find((layer) => !there.includes(layer));
  if (missing !== undefined) {
    throw new AppError(
      'SETTINGS_INVALID',
      `The model ${name} has no attention in layer ${missing}; its layers are 0 to ${Math.max(...there)}.`,
    );
  }
  return wanted === undefined ? there : there.filter((layer) => wanted.includes(layer));
}

async function spectraOfLayer(
  k: Kernels,
  model: OpenedModel,
  parts: readonly SpectrumPart[],
  signal: AbortSignal,
): Promise<number[][]> {
  const transposed = transposedMatrices(model.arch);
  const loaded = new Map<string, TensorId>();
  try {
    for (const { target } of parts.flatMap(({ stretches }) => stretches)) {
      if (loaded.has(target.name)) continue;
      const { tensor } = await loadMatrix(k, model.source, target, signal);
      loaded.set(target.name, transposed.has(target.name) ? k.transpose(k.take(tensor), [1, 0]) : tensor);
    }
    return parts.map(({ stretches }) => {
      const pieces = stretches.map((stretch) => slice(k, loaded, stretch));
      const whole = k.concat(pieces, 0);
      k.free(...pieces);
      const values = singularValues(k, whole, shapeOf(stretches));
      k.free(whole);
      return [...values];
    });
  } finally {
    k.free(...loaded.values());
  }
}

function slice(k: Kernels, loaded: ReadonlyMap<string, TensorId>, { target, axis, from, count }: Stretch): TensorId {
  const W = loaded.get(target.name);
  if (W === undefined) throw new RangeError(`${target.name} was not loaded.`);
  const [out, into] = target.shape;
  return axis === 'rows' ? k.slice(W, [from, 0], [count, into]) : k.slice(W, [0, from], [out, count]);
}

function shapeOf(stretches: readonly Stretch[]): readonly [number, number] {
  const [first] = stretches;
  if (first === undefined) throw new RangeError('A part has no stretch.');
  if (first.axis === 'columns') return [first.target.shape[0], first.count];
  return [stretches.reduce((sum, { count }) => sum + count, 0), first.target.shape[1]];
}

function rowOf(
  { layer, part, head, stretches }: SpectrumPart,
  values: readonly number[],
  { rule }: SpectraStudy,
): SpectrumRow {
  const shape = shapeOf(stretches);
  const [rank = 1] = ranksFor([{ layer, shape, cumulative: cumulativeSums(values) }], rule);
  return {
    layer,
    part,
    ...(head === undefined ? {} : { head }),
    matrix: stretches[0]?.target.name ?? '',
    shape,
    rank,
    relativeRank: rank / Math.min(...shape),
    effectiveRank: effectiveRank(Float64Array.from(values)),
    largest: values[0] ?? 0,
    sum: values.reduce((sum, s) => sum + s, 0),
    singularValues: values,
  };
}
