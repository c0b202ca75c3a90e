import type { TokenBatch } from '../decoder/batch.ts';
import { Decoder } from '../decoder/decoder.ts';
import { generateTokens, type GeneratedTokens } from '../generation/generate.ts';
import type { AdapterSet } from '../methods/types.ts';
import { requireArch } from '../models/openedModel.ts';
import type { OpenedModel } from '../models/types.ts';
import type { Kernels } from '../tensor/kernels.ts';
import { indexOfLargest } from '../util/indexOfLargest.ts';
import type { Probe } from './exportPlan.ts';

/** How long an answer may get before it counts as one that does not stop. */
const longestAnswer = 64;

/** How an answer ended. */
export type Ending = Pick<GeneratedTokens, 'stopped'>;

/**
 * Where the ends of answers are looked for: in answers generated to the prompts of the probe, or in the logits, at each
 * place of its rows that an end token follows.
 */
export type Endings = 'generated' | 'in the rows';

/** What a model says to the probe. */
export interface Answers {
  /** Of every token of the batch, [N, vocabulary]. */
  readonly logits: Float32Array;
  readonly from: Endings;
  readonly endings: readonly Ending[];
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

/** @param from left out, answers are generated */
export async function answersOf(
  kernels: Kernels,
  model: OpenedModel,
  adapters: AdapterSet | undefined,
  probe: Probe,
  signal: AbortSignal,
  from: Endings = 'generated',
): Promise<Answers> {
  const { eosIds } = await model.tokenizer();
  return withDecoder(kernels, model, adapters, signal, async (decoder) => {
    const logits = await decoder.logits(probe.batch, signal);
    if (from === 'in the rows') return { logits, from, endings: endingsInRows(logits, probe.batch, eosIds) };
    const options = { maxNewTokens: longestAnswer, temperature: 0, seed: 0, endIds: eosIds };
    return { logits, from, endings: await generateTokens(decoder, probe.prompts, options, signal) };
  });
}

/** For each place that an end token follows within its row: whether the model finds an end token most probable there. */
export function endingsInRows(logits: Float32Array, batch: TokenBatch, endIds: readonly number[]): Ending[] {
  const vocabulary = logits.length / batch.tokens.length;
  const ends = new Set(endIds);
  return placesBeforeEnds(batch, ends).map((place) => {
    const best = indexOfLargest(logits.subarray(place * vocabulary, (place + 1) * vocabulary));
    return { stopped: ends.has(best) ? 'end-token' : 'length' };
  });
}

/** Indexes of the tokens that an end token follows within their row. */
export function placesBeforeEnds({ tokens, lengths }: TokenBatch, ends: ReadonlySet<number>): number[] {
  const places: number[] = [];
  let start = 0;
  for (const length of lengths) {
    for (let i = start + 1; i < start + length; i++) if (ends.has(tokens[i] ?? -1)) places.push(i - 1);
    start += length;
  }
  return places;
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
