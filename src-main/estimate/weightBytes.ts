import { bytesPerValue, resolvePrecision, type WeightPrecision } from '../contract/weightPrecision.ts';
import type { ArchSpec, WeightSource } from '../models/types.ts';
import { linearsOf } from '../models/families/family.ts';
import { valueCount } from '../util/valueCount.ts';

/** Bytes of the frozen weights in memory, and of the largest that has to be made float32 while it is used. */
export interface WeightBytes {
  readonly kept: number;
  readonly unpacked: number;
}

/**
 * Follows decoder/loadWeights.ts.
 * @param available bytes of memory, for `auto`
 * @param trained names of tensors that are trained themselves: the frozen ones are let go
 */
export function weightBytes(
  arch: ArchSpec,
  source: Pick<WeightSource, 'tensors'>,
  asked: WeightPrecision,
  available: number,
  trained: ReadonlySet<string> = new Set(),
): WeightBytes {
  const tensors = [...source.tensors.values()].map(({ name, shape, type }) => {
    return { name, type, values: valueCount(shape), matrix: shape.length > 1 };
  });
  const precision = resolvePrecision(asked, 4 * tensors.reduce((sum, { values }) => sum + values, 0), available);
  const turned = new Set(
    arch.layers.flatMap((layer) => linearsOf(layer).flatMap((linear) => (linear.transposed ? [linear.name] : []))),
  );
  let kept = 0;
  let unpacked = 0;
  for (const { name, type, values, matrix } of tensors) {
    const packs = matrix && name !== arch.positionEmbedding && !turned.has(name.replace(/\.weight$/, ''));
    const bytes = packs ? bytesPerValue(precision, type) : 4;
    if (trained.has(name)) continue;
    kept += bytes * values;
    if (bytes < 4) unpacked = Math.max(unpacked, 4 * values);
  }
  return { kept, unpacked };
}
