import { AppError } from '../../util/appError.ts';
import { macrotask } from '../../util/macrotask.ts';
import type { Kernels } from '../kernels.ts';
import type { PreparedOp } from './preparedOp.ts';

/** Told before each op: which one of how many it is. */
export type PreparationProgress = (op: number, total: number) => void;

/**
 * Runs ops one after the other. One that fails is passed over: its real use says why, or falls back to something else.
 * @returns false where memory ran out, so that not everything can be taken as compiled
 * @throws AppError CANCELLED between two ops
 */
export async function runOnce(
  k: Kernels,
  ops: readonly PreparedOp[],
  signal: AbortSignal,
  onProgress: PreparationProgress,
): Promise<boolean> {
  let enough = true;
  for (const [i, op] of ops.entries()) {
    onProgress(i + 1, ops.length);
    // The next op may hold this thread for a minute: what was told has to leave before it.
    await macrotask(signal);
    try {
      runOp(k, op);
    } catch (error) {
      enough &&= !(error instanceof AppError && error.code === 'OUT_OF_MEMORY');
    }
  }
  return enough;
}

/** Runs one op on tiny tensors. A kernel is compiled when it is launched, so nothing has to be waited for. */
export function runOp(k: Kernels, op: PreparedOp): void {
  k.scope(() => {
    const x = k.upload(Float32Array.of(2, 1, 1, 2), [2, 2]);
    k.free(...op.run(k, x), x);
  });
}
