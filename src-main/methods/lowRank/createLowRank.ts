import type { MethodConfig } from '../../contract/methods.schema.ts';
import type { Kernels } from '../../tensor/kernels.ts';
import { macrotask } from '../../util/macrotask.ts';
import { MethodAdapters } from '../adapterSet.ts';
import type { AdapterSet, MethodTraining, PlannedMatrix } from '../types.ts';
import { LowRankAdapter, type LowRankSettings, type LowRankStart } from './lowRankAdapter.ts';
import { LowRankLinear } from './lowRankLinear.ts';

/** What sets one low-rank method apart from another. */
export interface LowRankMethod {
  readonly name: MethodConfig['name'];
  readonly dropout: number;
  start(planned: PlannedMatrix): LowRankStart | Promise<LowRankStart>;
  settings(planned: PlannedMatrix): LowRankSettings;
  /** What the method does in training besides; absent for most. @param adapters borrowed */
  training?(adapters: readonly LowRankAdapter[]): MethodTraining;
}

/** @throws AppError CANCELLED and what the method's start throws */
export async function createLowRankAdapters(
  kernels: Kernels,
  matrices: readonly PlannedMatrix[],
  method: LowRankMethod,
  signal: AbortSignal,
): Promise<AdapterSet> {
  const adapters: LowRankAdapter[] = [];
  const set = (): AdapterSet =>
    new MethodAdapters(
      kernels,
      method.name,
      adapters,
      (bases, group, index) => new LowRankLinear(kernels, bases, group, method.dropout, index),
      { training: method.training?.(adapters) },
    );
  try {
    for (const planned of matrices) {
      await macrotask(signal);
      adapters.push(new LowRankAdapter(kernels, planned, await method.start(planned), method.settings(planned)));
    }
  } catch (error) {
    set().dispose();
    throw error;
  }
  return set();
}
