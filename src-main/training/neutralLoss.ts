import { datasetLoss } from '../evaluation/datasetLoss.ts';
import { AppError } from '../util/appError.ts';
import { neutralText } from './neutralText.ts';
import { report, updateRecord, type TrainSession } from './session.ts';

/** Tokens of the text that are looked at, so that an evaluation stays short. */
const mostTokens = 256;

/**
 * Measures the loss on the neutral text, every token but the first, and notes it in the run: what the model forgets shows
 * in it. A tokenizer that cannot write the text leaves it out.
 * @throws AppError CANCELLED
 */
export async function measureNeutral(session: TrainSession): Promise<void> {
  const { decoder, context, config, progress, record } = session;
  const ids = neutralIds(session);
  if (ids.length < 2) return;
  const example = { row: 1, ids, loss: Uint8Array.from(ids, (_, i) => (i > 0 ? 1 : 0)), truncated: 0 };
  const { loss, tokens } = await datasetLoss(decoder, [example], config.batchSize, context.signal);
  if (!Number.isFinite(loss)) return;
  const { step, best } = progress;
  await report(session, { event: 'neutral', step, loss });
  if (step === 0) {
    await updateRecord(session, { neutral: { tokens, before: loss } });
    return;
  }
  // A run begun by an earlier version of the app has nothing to compare with.
  if (record.neutral === undefined) return;
  const found = { step, loss };
  await updateRecord(session, {
    neutral: { ...record.neutral, last: found, ...(best === null || best.step === step ? { best: found } : {}) },
  });
}

function neutralIds({ tokenizer, decoder }: TrainSession): Int32Array {
  const most = Math.min(mostTokens, decoder.arch.contextLength);
  try {
    return Int32Array.from(tokenizer.encode(neutralText, true).slice(0, most));
  } catch (error) {
    if (error instanceof AppError && error.code === 'TOKENIZER_INVALID') return new Int32Array();
    throw error;
  }
}
