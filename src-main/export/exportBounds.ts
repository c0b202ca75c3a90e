import { formatMeasure } from '../contract/format.ts';
import type { ExportCheck } from '../contract/results.ts';
import type { StoredType } from '../models/types.ts';
import type { LogitComparison } from './compareLogits.ts';

interface Bounds {
  readonly maxAbsLogitDiff: number;
  readonly kl: number;
  readonly topOneAgreement: number;
  /** ‖stored − value‖ / ‖value‖ of a row. */
  readonly weight: number;
}

const lossless: Bounds = { maxAbsLogitDiff: 5e-3, kl: 1e-6, topOneAgreement: 0.995, weight: 1e-6 };
const fourBits: Bounds = { maxAbsLogitDiff: 40, kl: 1, topOneAgreement: 0.45, weight: 0.15 };

/**
 * What the type of the written weights may cost. In float32 only the order of additions differs; float16 keeps 11 and
 * bfloat16 8 bits of each weight; the errors of block formats are about twice those of normally distributed weights.
 */
const boundsOf: Partial<Record<StoredType, Bounds>> = {
  F32: lossless,
  F16: { maxAbsLogitDiff: 0.5, kl: 1e-3, topOneAgreement: 0.97, weight: 1e-3 },
  BF16: { maxAbsLogitDiff: 4, kl: 5e-2, topOneAgreement: 0.85, weight: 6e-3 },
  Q8_0: { maxAbsLogitDiff: 4, kl: 5e-2, topOneAgreement: 0.85, weight: 0.02 },
  Q6_K: { maxAbsLogitDiff: 8, kl: 0.1, topOneAgreement: 0.8, weight: 0.05 },
  Q5_0: { maxAbsLogitDiff: 15, kl: 0.3, topOneAgreement: 0.7, weight: 0.1 },
  Q5_1: { maxAbsLogitDiff: 15, kl: 0.3, topOneAgreement: 0.7, weight: 0.1 },
  Q5_K: { maxAbsLogitDiff: 15, kl: 0.3, topOneAgreement: 0.7, weight: 0.1 },
  Q4_K: fourBits,
  Q4_0: { ...fourBits, weight: 0.25 },
};

/** Positions at which the most probable token may differ however few are compared. */
const toleratedSwaps = 2;

/** Largest relative error of weights in a type. */
export function weightBound(type: StoredType): number {
  return (boundsOf[type] ?? lossless).weight;
}

/** The comparison of model in memory and written files as checks with their bounds. */
export function logitChecks(comparison: LogitComparison, type: StoredType): ExportCheck[] {
  const bounds = boundsOf[type] ?? lossless;
  // Two tokens that are equally probable may change places by any rounding; over few positions that is a large share.
  const agreement = Math.max(0, Math.min(bounds.topOneAgreement, 1 - toleratedSwaps / comparison.positions));
  return [
    {
      name: 'Largest difference of a logit',
      passed: comparison.maxAbsLogitDiff <= bounds.maxAbsLogitDiff,
      value: formatMeasure(comparison.maxAbsLogitDiff),
      bound: `at most ${bounds.maxAbsLogitDiff}`,
    },
    {
      name: 'KL divergence',
      passed: comparison.kl <= bounds.kl,
      value: formatMeasure(comparison.kl),
      bound: `at most ${bounds.kl}`,
    },
    {
      name: 'Same most probable token',
      passed: comparison.topOneAgreement >= agreement - 1e-9,
      value: `${(comparison.topOneAgreement * 100).toFixed(1)} % of ${comparison.positions}`,
      bound: `at least ${Number((agreement * 100).toFixed(1))} %`,
    },
  ];
}
