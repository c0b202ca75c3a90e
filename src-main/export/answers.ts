import { Decoder } from '../decoder/decoder.ts';
import { generateTokens, type GeneratedTokens } from '../generation/generate.ts';
import type { AdapterSet } from '../methods/types.ts';
import { requireArch } from '../models/openedModel.ts';
import type { OpenedModel } from '../models/types.ts';
import type { Kernels } from '../tensor/kernels.ts';
import type { Probe } from './exportPlan.ts';

/** How long an answer may get before it counts as one that does not stop. */
const longestAnswer = 64;

/** What a model says to the probe. */
export interface Answers {
  /** Of every token of the batch, [N, vocabulary]. */
  readonly logits: Float32Array;
  readonly generated: readonly GeneratedTokens[];
}

/** Logits of the batch alone, as {@link answersOf} gives them. */
export async function logitsOf(
  kernels: Kernels,
  model: OpenedModel,
  adapters: AdapterSet | undefined,
  probe: Probe,
  signal: AbortSignal,
): Promise<Float32Array> {
  return withDecoder(kernels, model, adapters, signal, (decoder) => decoder.logits(probe.batch, signal));
}

export async function answersOf(
  kernels: Kernels,
  model: OpenedModel,
  adapters: AdapterSet | undefined,
  probe: Probe,
  signal: AbortSignal,
): Promise<Answers> {
  const { eosIds } = await model.tokenizer();
  return withDecoder(kernels, model, adapters, signal, async (decoder) => {
    const logits = await decoder.logits(probe.batch, signal);
    const options = { maxNewTokens: longestAnswer, temperature: 0, seed: 0, endIds: eosIds };
    return { logits, generated: await generateTokens(decoder, probe.prompts, options, signal) };
  });
}

/** The decoder is loaded for this alone, so that two never share the memory. */
async function withDecoder<T>(
  kernels: Kernels,
  model: OpenedModel,
  adapters: AdapterSet | undefined,
  signal: AbortSignal,
  use: (decoder: Decoder) => Promise<T>,
): Promise<T> {
  const decoder = await Decoder.load(kernels, requireArch(model), model.source, {}, signal);
  try {
    decoder.setAdapters(adapters);
    return await use(decoder);
  } finally {
    decoder.dispose();
  }
}
