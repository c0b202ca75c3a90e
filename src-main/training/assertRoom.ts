import { formatBytes, formatCount } from '../contract/format.ts';
import { AppError } from '../util/appError.ts';

/** Value, gradient and two moments, as float32. */
const bytesPerParameter = 16;

/**
 * Refuses to train a model's own weights where their training cannot fit: it would end with the process being killed.
 * @param trainable parameters; @param available bytes of memory
 * @throws AppError OUT_OF_MEMORY
 */
export function assertRoom(trainable: number, available: number): void {
  const needed = bytesPerParameter * trainable;
  if (needed <= available) return;
  throw new AppError(
    'OUT_OF_MEMORY',
    `Full fine-tuning of ${formatCount(trainable)} parameters needs ${formatBytes(needed)} for weights, gradients and the optimizer’s two moments alone, and ${formatBytes(available)} are free; train an adapter, or fewer of the weights.`,
  );
}
