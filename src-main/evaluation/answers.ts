import { evaluationBatches } from '../data/batches.ts';
import type { Decoder } from '../decoder/decoder.ts';
import { generateTokens } from '../generation/generate.ts';
import { withFolding } from '../generation/withFolding.ts';
import type { Tokenizer } from '../models/types.ts';

/**
 * Greedy answers to many prompts, prompts of like length side by side.
 * @param prompts token ids; one that is empty or fills the context is answered with the empty text
 * @returns answers in the order of the prompts, without surrounding white space
 * @throws AppError CANCELLED
 */
export async function greedyAnswers(
  decoder: Decoder,
  tokenizer: Tokenizer,
  prompts: readonly (readonly number[])[],
  options: { readonly maxNewTokens: number; readonly batchSize: number },
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): Promise<string[]> {
  const texts = prompts.map(() => '');
  const lengths = prompts.map((prompt) => prompt.length);
  const batches = [...evaluationBatches(lengths, options.batchSize)];
  await withFolding(decoder, options.maxNewTokens * batches.length, signal, async () => {
    let done = 0;
    for (const batch of batches) {
      const fitting = batch.filter((i) => {
        const length = lengths[i] ?? 0;
        return length > 0 && length < decoder.arch.contextLength;
      });
      const answers = await generateTokens(
        decoder,
        fitting.map((i) => prompts[i] ?? []),
        { maxNewTokens: options.maxNewTokens, temperature: 0, seed: 0, endIds: tokenizer.eosIds },
        signal,
      );
      for (const [slot, i] of fitting.entries()) texts[i] = tokenizer.decode(answers[slot]?.ids ?? [], true).trim();
      done += batch.length;
      onProgress(done, prompts.length);
    }
  });
  return texts;
}
