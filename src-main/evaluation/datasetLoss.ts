import { assembleBatch, evaluationBatches } from '../data/batches.ts';
import type { TokenisedExample } from '../data/tokenise.ts';
import type { Decoder } from '../decoder/decoder.ts';
import { macrotask } from '../util/macrotask.ts';

/** Tokens of one forward pass, beyond which larger batches are no faster but need more memory. */
const maxBatchTokens = 4096;

export interface DatasetLoss {
  /** Mean −log p over all labels of the data set, in nats. */
  readonly loss: number;
  /** exp(loss) */
  readonly perplexity: number;
  /** Tokens that carried loss. */
  readonly tokens: number;
}

/**
 * Loss over a data set: the mean over its labels, however they fall into batches. Examples of like length go together;
 * sequences are laid end to end, so no padding is computed.
 * @param examples at least one, each with a label
 * @throws AppError CANCELLED
 */
export async function datasetLoss(
  decoder: Decoder,
  examples: readonly TokenisedExample[],
  batchSize: number,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<DatasetLoss> {
  const lengths = examples.map((example) => example.ids.length);
  let lossSum = 0;
  let tokens = 0;
  let done = 0;
  for (const batch of evaluationBatches(lengths, batchSize, maxBatchTokens)) {
    await macrotask(signal);
    const result = await decoder.loss(assembleBatch(examples, batch), signal);
    lossSum += result.lossSum;
    tokens += result.count;
    done += batch.length;
    onProgress(done, examples.length);
  }
  const loss = lossSum / tokens;
  return { loss, perplexity: Math.exp(loss), tokens };
}
