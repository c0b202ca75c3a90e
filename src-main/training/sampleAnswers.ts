import { generateTokens } from '../generation/generate.ts';
import { promptIds } from '../generation/prompt.ts';
import type { TrainSession } from './session.ts';

const answerTokens = 48;

/**
 * The model's present answers to the prompts of the settings, the most probable token at each place. Prompts that do
 * not fit the model’s context are left out.
 * @throws AppError CANCELLED
 */
export async function answerSamples({
  config,
  data,
  tokenizer,
  decoder,
  context,
}: TrainSession): Promise<{ readonly prompt: string; readonly text: string }[]> {
  const trained = { template: config.data.template, systemPrompt: config.data.systemPrompt, layout: data.layout };
  const prompts = config.samplePrompts.map((prompt) => ({ prompt, ids: promptIds(prompt, tokenizer, trained) }));
  const fitting = prompts.filter(({ ids }) => ids.length > 0 && ids.length < decoder.arch.contextLength);
  if (fitting.length === 0) return [];
  const answers = await generateTokens(
    decoder,
    fitting.map(({ ids }) => ids),
    { maxNewTokens: answerTokens, temperature: 0, seed: config.seed, endIds: tokenizer.eosIds },
    context.signal,
  );
  return fitting.map(({ prompt }, i) => ({ prompt, text: tokenizer.decode(answers[i]?.ids ?? [], true) }));
}
