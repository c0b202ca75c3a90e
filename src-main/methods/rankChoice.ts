import type { RankRuleConfig } from '../contract/methods.schema.ts';
import type { TargetMatrix } from '../contract/model.ts';
import { cumulativeSums, ranksFor } from '../contract/rank.ts';
import { AppError } from '../util/appError.ts';
import type { Spectra } from './method.ts';

/** Ranks by the rank rule. @throws AppError INTERNAL when a spectrum is missing */
export function ranksByRule(matrices: readonly TargetMatrix[], rule: RankRuleConfig, spectra: Spectra): number[] {
  const ranked = matrices.map(({ name, layer, shape }) => {
    const spectrum = spectra.get(name);
    if (!spectrum) throw new AppError('INTERNAL', `The singular values of ${name} were not computed.`);
    return { layer, shape, cumulative: cumulativeSums(spectrum.singularValues) };
  });
  return ranksFor(ranked, rule);
}

/** One rank for all, but never more than a matrix has. */
export function oneRank(matrices: readonly TargetMatrix[], rank: number): number[] {
  return matrices.map(({ shape }) => Math.min(rank, ...shape));
}

/** The rank rule in words. */
export function describeRule(rule: RankRuleConfig): string {
  const share = `threshold ${rule.threshold} of the ${rule.measure === 'sum' ? 'sum' : 'energy'} of singular values`;
  return `${share}, one rank per ${rule.granularity}`;
}
