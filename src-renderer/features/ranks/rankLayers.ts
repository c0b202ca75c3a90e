/** What the rank map can show of a cell, and how it is coloured. Pure. */
import type { TargetMatrix } from '../../../src-main/contract/model.ts';
import { valueScale, type ScaleKind, type ValueScale } from '../../charts/valueScale.ts';
import type { RankOutcome } from '../../state/rankTable.ts';
import { compactCount } from '../../text/format.ts';

export type MapLayer = 'k' | 'share' | 'parameters';

export function layerValues(outcome: RankOutcome, layer: MapLayer): Float64Array {
  if (layer === 'k') return outcome.ranks;
  return layer === 'share' ? outcome.shares : outcome.parameters;
}

/**
 * The scale of a layer over everything a threshold can reach, so that a colour keeps its meaning while m moves.
 * Quantiles are of the values as they are.
 */
export function layerScale(
  targets: readonly TargetMatrix[],
  layer: MapLayer,
  kind: ScaleKind,
  values: Float64Array,
): ValueScale {
  if (kind === 'quantile') return valueScale(kind, values);
  const longest = targets.map((target) => Math.min(target.shape[0], target.shape[1]));
  const largest = Math.max(1, ...longest);
  if (layer === 'k') return valueScale(kind, [], [1, largest]);
  if (layer === 'share') return valueScale(kind, [], [1 / largest, 1]);
  const perRank = targets.map((target) => target.shape[0] + target.shape[1] + 1);
  const most = Math.max(1, ...targets.map((_, i) => (perRank[i] ?? 0) * (longest[i] ?? 0)));
  return valueScale(kind, [], [Math.min(most / 2, ...perRank), most]);
}

/** The number in a cell: short enough for it. */
export function writeLayer(layer: MapLayer, value: number): string {
  if (layer === 'k') return String(Math.round(value));
  if (layer === 'parameters') return compactCount(value);
  const share = value * 100;
  return share >= 9.95 ? `${Math.round(share)}%` : `${share.toFixed(1)}%`;
}
