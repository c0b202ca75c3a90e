import type { Kernels } from '../kernels.ts';
import type { TensorId } from '../tensorId.ts';

/** An op that is run once on tiny tensors, so that the kernels behind it are compiled before they are needed. */
export interface PreparedOp {
  /** The op, and what tells it from others of that op, e.g. `Cast float32 bfloat16`. */
  readonly name: string;
  /**
   * @param x float32 [2, 2], symmetric and positive definite; borrowed
   * @returns all tensors that it leaves, the caller's
   */
  run(k: Kernels, x: TensorId): readonly TensorId[];
}

/** What {@link preparedOps} makes an op of. */
export type RunOp = (k: Kernels, x: TensorId) => TensorId | readonly TensorId[];

/** Ops by name. */
export function preparedOps(runs: Readonly<Record<string, RunOp>>): readonly PreparedOp[] {
  return Object.entries(runs).map(([name, run]) => ({
    name,
    run(k, x) {
      const made = run(k, x);
      return typeof made === 'number' ? [made] : made;
    },
  }));
}
