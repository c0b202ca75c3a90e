import { throwIfCancelled } from './appError.ts';

/**
 * Lets timers and messages be handled between two pieces of long work; a promise alone would not.
 * @throws AppError CANCELLED when one of them aborted the signal
 */
export async function macrotask(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
  throwIfCancelled(signal);
}
