import type { Decoder } from '../decoder/decoder.ts';
import { AppError } from '../util/appError.ts';
import { macrotask } from '../util/macrotask.ts';
import { Rng } from '../util/rng.ts';
import { sampleToken } from './sampling.ts';
import { withFolding } from './withFolding.ts';

export interface GenerateOptions {
  readonly maxNewTokens: number;
  /** 0 takes the most probable token. */
  readonly temperature: number;
  /** Share of the probability that tokens are drawn from; all of it where left out. */
  readonly topP?: number;
  readonly seed: number;
  /** Tokens that end an answer; empty to go on regardless. */
  readonly endIds: readonly number[];
}

export interface GeneratedTokens {
  /** New tokens, without the prompt and without the token that ended the answer. */
  readonly ids: readonly number[];
  /** `stop-text`: `onToken` ended it. `length`: the wanted number of tokens, or the model's context is full. */
  readonly stopped: 'end-token' | 'stop-text' | 'length';
}

/**
 * Continues several prompts side by side with a key-value cache; a sequence that has ended takes no more part.
 * @param prompts token ids of each prompt
 * @param onToken told each new token as it comes, with the number of its prompt; `true` ends that answer with it
 * @throws AppError SETTINGS_INVALID for an empty prompt or one that fills the context, CANCELLED
 */
export async function generateTokens(
  decoder: Decoder,
  prompts: readonly (readonly number[])[],
  options: GenerateOptions,
  signal: AbortSignal,
  onToken: (prompt: number, id: number) => boolean | undefined = () => undefined,
): Promise<GeneratedTokens[]> {
  const { contextLength } = decoder.arch;
  if (prompts.length === 0) return [];
  for (const prompt of prompts) checkPrompt(prompt, contextLength);
  const answers = prompts.map((prompt): Answer => ({
    ids: [],
    stopped: 'length',
    room: Math.min(options.maxNewTokens, contextLength - prompt.length),
  }));
  await withFolding(decoder, options.maxNewTokens, signal, async () =>
    continueAll(decoder, prompts, answers, options, signal, onToken),
  );
  return answers.map(({ ids, stopped }) => ({ ids, stopped }));
}

/** Fills the answers. */
async function continueAll(
  decoder: Decoder,
  prompts: readonly (readonly number[])[],
  answers: readonly Answer[],
  options: GenerateOptions,
  signal: AbortSignal,
  onToken: (prompt: number, id: number) => boolean | undefined,
): Promise<void> {
  const { vocabularySize } = decoder.arch;
  // Each prompt draws from a generator of its own, so that its answer does not depend on its neighbours.
  const generators = prompts.map((_, i) => new Rng(options.seed).fork(`answer ${String(i)}`));
  let running = prompts.map((_, i) => i);
  let appended: readonly (readonly number[])[] = prompts;
  const cache = decoder.newCache(prompts.length);
  try {
    while (running.length > 0) {
      await macrotask(signal);
      const logits = await decoder.decode(cache, appended, signal);
      const next: { readonly slot: number; readonly prompt: number; readonly id: number }[] = [];
      for (const [slot, prompt] of running.entries()) {
        const answer = answers[prompt];
        const rng = generators[prompt];
        if (!answer || !rng) continue;
        const own = logits.subarray(slot * vocabularySize, (slot + 1) * vocabularySize);
        const id = sampleToken(own, options.temperature, rng, options.topP);
        if (options.endIds.includes(id)) {
          answer.stopped = 'end-token';
          continue;
        }
        answer.ids.push(id);
        if (onToken(prompt, id) === true) {
          answer.stopped = 'stop-text';
          continue;
        }
        if (answer.ids.length < answer.room) next.push({ slot, prompt, id });
      }
      if (next.length > 0 && next.length < running.length) cache.select(next.map(({ slot }) => slot));
      running = next.map(({ prompt }) => prompt);
      appended = next.map(({ id }) => [id]);
    }
  } finally {
    cache.dispose();
  }
}

interface Answer extends GeneratedTokens {
  readonly ids: number[];
  stopped: GeneratedTokens['stopped'];
  /** Tokens it may have at most. */
  readonly room: number;
}

function checkPrompt(prompt: readonly number[], contextLength: number): void {
  if (prompt.length === 0) throw new AppError('SETTINGS_INVALID', 'The prompt is empty; give at least one word.');
  if (prompt.length >= contextLength) {
    throw new AppError(
      'SETTINGS_INVALID',
      `The prompt has ${String(prompt.length)} tokens, but the model reads ${String(contextLength)} at most, the answer included; shorten it.`,
    );
  }
}
