import type { MatrixGates, TextGates } from '../contract/gates.ts';
import { tokenTexts } from '../data/tokenTexts.ts';
import type { Decoder } from '../decoder/decoder.ts';
import { GateMeter } from '../evaluation/gateMeter.ts';
import type { Tokenizer } from '../models/types.ts';
import { AppError } from '../util/appError.ts';
import type { GatedAdapters } from './gatedRun.ts';

/** Longest text in tokens: the gates of all matrices are one answer. */
const longestText = 1024;

/**
 * Every gate of every token.
 * @param decoder with the adapters on it
 * @param ids of the text
 * @throws AppError DATA_INVALID for a text without tokens, CANCELLED
 */
export async function textGates(
  decoder: Decoder,
  adapters: GatedAdapters,
  tokenizer: Tokenizer,
  ids: readonly number[],
  step: number,
  signal: AbortSignal,
): Promise<TextGates> {
  const { gates } = adapters;
  const tokens = Int32Array.from(ids.slice(0, Math.min(longestText, decoder.arch.contextLength)));
  if (tokens.length === 0) throw new AppError('DATA_INVALID', 'The text has no tokens; give one that is not empty.');
  const seen = new Map<string, Float32Array>();
  const meter = new GateMeter();
  gates.watch((name, values) => {
    const own = decoder.kernels.download(values);
    seen.set(name, own);
    meter.add(name, own, gates.sets);
  });
  try {
    const batch = { tokens, positions: Int32Array.from(tokens.keys()), lengths: [tokens.length] };
    await decoder.logits(batch, signal, [tokens.length - 1]);
  } finally {
    gates.watch(undefined);
  }
  const statistics = new Map(meter.statistics().map((own) => [own.name, own]));
  const texts = tokenTexts(tokens, tokenizer);
  return {
    step,
    sets: gates.sets,
    tokens: [...tokens].map((id, i) => ({ id, text: texts[i] ?? '' })),
    leftOut: ids.length - tokens.length,
    matrices: [...adapters.matrices.values()].flatMap(({ matrix: { name, layer, module }, rank }): MatrixGates[] => {
      const own = statistics.get(name);
      const values = seen.get(name);
      return own === undefined || values === undefined ? [] : [{ ...own, layer, module, rank, gates: values }];
    }),
  };
}
