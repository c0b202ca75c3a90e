import { assembleBatch, countLabels, evaluationBatches } from '../data/batches.ts';
import { countLoss, type TokenisedExample } from '../data/tokenise.ts';
import type { Decoder } from '../decoder/decoder.ts';
import { withoutIdleTokens } from '../decoder/idleTokens.ts';
import { macrotask } from '../util/macrotask.ts';

/** Tokens of one forward pass, beyond which larger batches are no faster but need more memory. */
export const maxBatchTokens = 4096;

export interface DatasetLoss {
  /** Mean −log p over all labels of the data set, in nats. */
  readonly loss: number;
  /** exp(loss) */
  readonly perplexity: number;
  /** Tokens that carried loss. */
  readonly tokens: number;
}

export interface DatasetLossOptions {
  readonly onProgress?: (done: number, total: number) => void;
  /** Called once for each example with −log p of its labels in order. */
  readonly onExample?: ((index: number, losses: Float32Array) => void) | undefined;
  /** Pass every token of every example through the model, for someone who watches them. */
  readonly everyToken?: boolean;
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
  { onProgress, onExample, everyToken = false }: DatasetLossOptions = {},
): Promise<DatasetLoss> {
  const lengths = examples.map((example) => example.ids.length);
  let lossSum = 0;
  let tokens = 0;
  let done = 0;
  for (const batch of evaluationBatches(lengths, batchSize, maxBatchTokens)) {
    await macrotask(signal);
    const assembled = assembleBatch(examples, batch);
    const each = onExample && new Float32Array(countLabels(assembled));
    const result = await decoder.loss(everyToken ? assembled : withoutIdleTokens(assembled), signal, each);
    lossSum += result.lossSum;
    tokens += result.count;
    if (onExample !== undefined && each !== undefined) handOut(each, examples, batch, onExample);
    done += batch.length;
    onProgress?.(done, examples.length);
  }
  const loss = lossSum / tokens;
  return { loss, perplexity: Math.exp(loss), tokens };
}

/** The losses of a batch, example by example. */
function handOut(
  losses: Float32Array,
  examples: readonly TokenisedExample[],
  batch: readonly number[],
  onExample: (index: number, losses: Float32Array) => void,
): void {
  let from = 0;
  for (const index of batch) {
    const example = examples[index];
    const to = from + (example === undefined ? 0 : countLoss(example));
    onExample(index, losses.slice(from, to));
    from = to;
  }
}
