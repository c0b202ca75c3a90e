import type { LoraConfig } from '../../contract/requests.schema.ts';
import type { Kernels } from '../../tensor/kernels.ts';
import type { Rng } from '../../util/rng.ts';
import type { AdapterSet, PlannedMatrix } from '../types.ts';

export declare function createLoraAdapters(
  kernels: Kernels,
  matrices: readonly PlannedMatrix[],
  config: LoraConfig,
  rng: Rng,
  signal: AbortSignal,
): Promise<AdapterSet>;
