import type { ArchSpec } from '../models/types.ts';
import { AppError } from '../util/appError.ts';
import type { TokenBatch } from './batch.ts';

/**
 * Refuses what TensorFlow would answer with an obscure error on a CPU and with silence on a GPU.
 * @throws AppError TOKENIZER_INVALID for a token outside the vocabulary, SETTINGS_INVALID for a position that has no
 *   learned embedding, INTERNAL for an empty batch or sequence, or lengths that do not add up
 */
export function checkBatch(arch: ArchSpec, { tokens, positions, lengths, labels, sharedPrefix = 0 }: TokenBatch): void {
  const total = lengths.reduce((sum, length) => sum + length - sharedPrefix, sharedPrefix);
  const complete = [tokens, positions, labels ?? tokens].every((list) => list.length === total);
  if (total === 0 || !complete || lengths.some((length) => length <= sharedPrefix)) {
    throw new AppError('INTERNAL', 'The lengths of a batch’s sequences do not add up to its tokens.');
  }
  const outside = tokens.find((token) => token < 0 || token >= arch.vocabularySize);
  if (outside !== undefined) {
    throw new AppError(
      'TOKENIZER_INVALID',
      `The tokenizer gave token ${String(outside)}, but the model has only ${String(arch.vocabularySize)}; use the tokenizer that belongs to the model.`,
    );
  }
  if (arch.positionEmbedding === undefined) return;
  const longest = positions.reduce((largest, position) => Math.max(largest, position), 0);
  if (longest < arch.contextLength) return;
  throw new AppError(
    'SETTINGS_INVALID',
    `The model has learned ${String(arch.contextLength)} positions, but a sequence has ${String(longest + 1)} tokens; lower the sequence length.`,
  );
}
