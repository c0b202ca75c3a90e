import { generateTokens } from '../generation/generate.ts';
import { promptIds } from '../generation/prompt.ts';
import { report, type TrainSession } from './session.ts';

const answerTokens = 48;

/**
 * Reports the model's present answers to the prompts of the settings, the most probable token at each place. Prompts
 * that do not fit the model’s context are left out.
 * @throws AppError CANCELLED
 */
export async function reportSamples(session: TrainSession): Promise<void> {
  const { config, data, tokenizer, decoder, context } = session;
  const trained = { template: config.data.template, systemPrompt: config.data.systemPrompt, layout: data.layout };
  const prompts = config.samplePrompts.map((prompt) => ({ prompt, ids: promptIds(prompt, tokenizer, trained) }));
  const fitting = prompts.filter(({ ids }) => ids.length > 0 && ids.length < decoder.arch.contextLength);
  if (fitting.length === 0) return;
  const answers = await generateTokens(
    decoder,
    fitting.map(({ ids }) => ids),
    { maxNewTokens: answerTokens, temperature: 0, seed: config.seed, endIds: tokenizer.eosIds },
    context.signal,
  );
  for (const [i, { prompt }] of fitting.entries()) {
    const text = tokenizer.decode(answers[i]?.ids ?? [], true);
    await report(session, { event: 'sample', step: session.progress.step, prompt, text });
  }
}
