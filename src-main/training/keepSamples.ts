import type { JudgedRow, ValidationSamples } from '../contract/samples.ts';
import { tokenTexts } from '../data/tokenTexts.ts';
import type { TokenisedExample } from '../data/tokenise.ts';
import type { Tokenizer } from '../models/types.ts';
import { readStartLosses, writeSamples, writeStartLosses } from '../runs/validationSamples.ts';
import type { TrainSession } from './session.ts';

/** Rows kept at either end. */
const kept = 20;
/** Tokens of a row that are kept. */
const mostTokens = 1024;
/** Held-out rows whose loss before training is kept. */
const mostStartLosses = 50_000;
/** Digits of a loss that are kept. */
const digits = 1e4;

/** Keeps what every held-out row lost before training, so that later losses can be compared with it. */
export async function keepBaseLosses({ run, lock }: TrainSession, each: readonly Float32Array[]): Promise<void> {
  if (each.length > mostStartLosses) return;
  await lock.assertHeld();
  await writeStartLosses(run, each.map(meanOf));
}

/** Keeps the held-out rows that went best and worst at this evaluation, for the last one and, where it is, the best. */
export async function keepSamples(session: TrainSession, each: readonly Float32Array[], best: boolean): Promise<void> {
  const { run, data, tokenizer, progress } = session;
  const before = await readStartLosses(run);
  const samples = judge(progress.step, data.validation, each, before, tokenizer);
  await session.lock.assertHeld();
  await writeSamples(run, 'last', samples);
  if (best) await writeSamples(run, 'best', samples);
}

/**
 * The rows with the highest and the lowest mean loss.
 * @param each −log p of the labels of each row, in nats
 * @param before mean losses before training, where they are known
 */
export function judge(
  step: number,
  rows: readonly TokenisedExample[],
  each: readonly Float32Array[],
  before: readonly number[] | undefined,
  tokenizer: Tokenizer,
): ValidationSamples {
  const order = rows.map((_, index) => index).sort((a, b) => loss(b) - loss(a) || a - b);
  function loss(index: number): number {
    return meanOf(each[index] ?? new Float32Array());
  }
  const judged = (index: number): JudgedRow[] => {
    const row = rows[index];
    if (row === undefined) return [];
    const baseLoss = before?.length === rows.length ? before[index] : undefined;
    return [
      {
        row: row.row,
        loss: loss(index),
        ...(baseLoss === undefined ? {} : { baseLoss }),
        ...tokensOf(row, each[index] ?? new Float32Array(), tokenizer),
      },
    ];
  };
  return {
    step,
    rows: rows.length,
    worst: order.slice(0, kept).flatMap(judged),
    best: order.slice(-kept).reverse().flatMap(judged),
  };
}

function tokensOf(
  { ids, loss }: TokenisedExample,
  losses: Float32Array,
  tokenizer: Tokenizer,
): Pick<JudgedRow, 'tokens' | 'more'> {
  const shown = ids.subarray(0, mostTokens);
  const texts = tokenTexts(shown, tokenizer);
  let label = 0;
  const tokens = texts.map((text, i) => ({ text, loss: loss[i] === 1 ? rounded(losses[label++] ?? 0) : null }));
  return { tokens, ...(ids.length > shown.length ? { more: ids.length - shown.length } : {}) };
}

function meanOf(losses: Float32Array): number {
  return rounded(losses.reduce((sum, value) => sum + value, 0) / Math.max(1, losses.length));
}

function rounded(value: number): number {
  return Math.round(value * digits) / digits;
}
