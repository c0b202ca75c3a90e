import type { Decoder } from '../decoder/decoder.ts';
import { availableMemory } from '../util/memory.ts';

/** Passes from which on folding the weights takes less time than it saves. */
const fewestPasses = 16;

/**
 * Does `work` with the decoder's weights folded for decoding, where that pays and there is memory for the copy. Inside
 * another call the weights stay as they are.
 * @param passes decoding passes at most
 * @throws AppError CANCELLED and what `work` throws
 */
export async function withFolding<T>(
  decoder: Decoder,
  passes: number,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const pays = passes >= fewestPasses && 2 * decoder.foldedBytes < (await availableMemory());
  if (decoder.folded || !pays) return work();
  try {
    await decoder.fold(signal);
    return await work();
  } finally {
    decoder.unfold();
  }
}
