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
