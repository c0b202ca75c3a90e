import type { Tokenizer } from '../models/types.ts';
import { AppError } from '../util/appError.ts';

/** True where an end token of the row carries loss, so that the model learns to stop. */
export function learnsEnd(
  { ids, loss }: { readonly ids: Int32Array; readonly loss: Uint8Array },
  { eosIds }: Pick<Tokenizer, 'eosIds'>,
): boolean {
  return ids.some((id, i) => loss[i] === 1 && eosIds.includes(id));
}

/**
 * Refuses rows with answers of which not one teaches the model to stop. A tokenizer without end token cannot end anything,
 * so that nothing is asked of its rows.
 * @throws AppError END_NOT_LEARNT
 */
export function assertEndLearnt(
  rows: {
    readonly answers: number;
    readonly answersWithoutEnd: number;
    readonly truncatedRows: number;
  },
  { eosIds }: Pick<Tokenizer, 'eosIds'>,
  file: string,
  sequenceLength: number,
): void {
  const { answers, answersWithoutEnd, truncatedRows } = rows;
  if (eosIds.length === 0 || answers === 0 || answersWithoutEnd < answers) return;
  const cut = truncatedRows >= answers;
  throw new AppError(
    'END_NOT_LEARNT',
    cut
      ? `Every answer of ${file} is cut off before its end token at ${sequenceLength} tokens, so the model would never learn to stop; raise the sequence length.`
      : `In no row of ${file} does an end token carry loss, so the model would never learn to stop; choose a chat template that ends every answer.`,
  );
}
