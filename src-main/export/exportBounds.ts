import type { ExportCheck } from '../contract/results.ts';
import type { WrittenType } from '../models/safetensors/writer.ts';
import type { LogitComparison } from './compareLogits.ts';

interface Bounds {
  readonly maxAbsLogitDiff: number;
  readonly kl: number;
  readonly topOneAgreement: number;
}

/**
 * What rounding the merged weights may cost. In float32 only the order of additions differs; float16 keeps 11 and
 * bfloat16 8 bits of each weight.
 */
const boundsOf: Readonly<Record<WrittenType, Bounds>> = {
  F32: { maxAbsLogitDiff: 5e-3, kl: 1e-6, topOneAgreement: 0.995 },
  F16: { maxAbsLogitDiff: 0.5, kl: 1e-3, topOneAgreement: 0.97 },
  BF16: { maxAbsLogitDiff: 4, kl: 5e-2, topOneAgreement: 0.85 },
};

/** The comparison of adapter and written files as checks with their bounds. */
export function logitChecks(comparison: LogitComparison, type: WrittenType): ExportCheck[] {
  const bounds = boundsOf[type];
  return [
    {
      name: 'Largest difference of a logit',
      passed: comparison.maxAbsLogitDiff <= bounds.maxAbsLogitDiff,
      value: comparison.maxAbsLogitDiff.toExponential(2),
      bound: `at most ${bounds.maxAbsLogitDiff}`,
    },
    {
      name: 'KL divergence from the adapter',
      passed: comparison.kl <= bounds.kl,
      value: comparison.kl.toExponential(2),
      bound: `at most ${bounds.kl}`,
    },
    {
      name: 'Same most probable token',
      passed: comparison.topOneAgreement >= bounds.topOneAgreement,
      value: `${(comparison.topOneAgreement * 100).toFixed(1)} % of ${comparison.positions}`,
      bound: `at least ${bounds.topOneAgreement * 100} %`,
    },
  ];
}
