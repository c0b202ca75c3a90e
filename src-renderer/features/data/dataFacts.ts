import type { LengthStatistics } from '../../../src-main/contract/data.ts';
import type { ModelSummary } from '../../../src-main/contract/model.ts';
import type { DataConfig } from '../../../src-main/contract/requests.schema.ts';
import type { Project } from '../../../src-main/contract/settings.schema.ts';

const usualLength = 512;

/** The sequence length chosen, or the usual one where the model's context is long enough for it. */
export function sequenceLengthOf(config: Project['config'], model: ModelSummary | undefined): number {
  return config?.sequenceLength ?? Math.min(usualLength, model?.contextLength ?? usualLength);
}

/** How many rows are learnt from and how many are held out. */
export function splitRows(rows: number, data: DataConfig): { readonly train: number; readonly valid: number } {
  if (data.validationPath !== undefined) return { train: rows, valid: 0 };
  const valid = Math.round(rows * data.validationShare);
  return { train: rows - valid, valid };
}

/** The sentence that says why a run on these rows would be refused; undefined when it would not be. */
export function refusal(
  lengths: LengthStatistics | undefined,
): 'data.noLossAtAll' | 'data.noEnd.cut' | 'data.noEnd.template' | undefined {
  if (lengths === undefined || lengths.rows === 0) return undefined;
  if (lengths.lossTokens === 0) return 'data.noLossAtAll';
  const { answers, answersWithoutEnd, truncatedRows } = lengths;
  if (answers === 0 || answersWithoutEnd < answers) return undefined;
  return truncatedRows >= answers ? 'data.noEnd.cut' : 'data.noEnd.template';
}
