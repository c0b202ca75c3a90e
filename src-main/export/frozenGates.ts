/** Exports of adapters whose gates were frozen at their means. */
import type { ExportFormat } from '../contract/exportFormats.ts';
import type { Calibration, FrozenGateLoss } from '../contract/gates.ts';
import type { Gates } from '../methods/types.ts';
import { AppError } from '../util/appError.ts';
import type { ExportSource } from './exportPlan.ts';
import type { EarlierReport } from './exportReport.ts';

/** The gates that must be frozen for a format; undefined where it can be exact. */
export function gatesToFreeze({ adapters }: ExportSource, format: ExportFormat): Gates | undefined {
  const gates = adapters?.gates;
  return gates === undefined || gates.sets === 1 || format === 'native' ? undefined : gates;
}

/** What is reported of a calibration beside its means. */
export function lossOf({ matrices: _means, ...loss }: Calibration): FrozenGateLoss {
  return loss;
}

const sources: Readonly<Record<FrozenGateLoss['source'], string>> = {
  validation: 'held-out rows',
  training: 'training rows',
  file: 'rows of a calibration file',
};

/** What freezing the gates cost, in a sentence. */
export function frozenGateNote({
  source,
  rows,
  positions,
  kl,
  topOneAgreement,
  adapter,
  frozen,
}: FrozenGateLoss): string {
  return (
    `The router was replaced by its mean gates over ${rows} ${sources[source]}, so this is not exactly the adapter that was trained: ` +
    `KL ${kl.toPrecision(3)} nats a token, perplexity ${frozen.perplexity.toFixed(3)} instead of ${adapter.perplexity.toFixed(3)}, ` +
    `the same most probable token at ${(100 * topOneAgreement).toFixed(1)} % of ${positions} positions.`
  );
}

/**
 * Freezes the gates as an earlier export did, so that it can be compared with its run.
 * @throws AppError NOT_MERGEABLE where no report tells the means
 */
export function freezeAsReported(
  source: ExportSource,
  path: string,
  format: ExportFormat,
  report: EarlierReport | undefined,
): void {
  const gates = gatesToFreeze(source, format);
  if (gates === undefined) return;
  if (report?.frozenGates === undefined) {
    throw new AppError(
      'NOT_MERGEABLE',
      `${path} has no report that tells the means its gates were frozen at, so it cannot be compared with a run whose gates depend on the input; name the folder that the export wrote.`,
    );
  }
  gates.freeze(new Map(Object.entries(report.frozenGates.means)));
}
