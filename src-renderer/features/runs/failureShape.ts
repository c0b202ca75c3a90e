import { errorTable, type ErrorCode, type ErrorShape } from '../../../src-main/contract/errors.ts';
import type { RunRecord } from '../../../src-main/contract/training.ts';

function isCode(code: string): code is ErrorCode {
  return code in errorTable;
}

/** The error that ended a run, as views show errors; a code of another version becomes INTERNAL. */
export function failureShape({ record }: { readonly record: Pick<RunRecord, 'error'> }): ErrorShape {
  const code = record.error?.code ?? 'INTERNAL';
  return { code: isCode(code) ? code : 'INTERNAL', message: record.error?.message ?? '' };
}
