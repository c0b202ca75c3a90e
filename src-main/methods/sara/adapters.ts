import type { SaraConfig } from '../../contract/requests.schema.ts';
import type { Kernels } from '../../tensor/kernels.ts';
import type { Rng } from '../../util/rng.ts';
import type { AdapterSet, MatrixFacts, PlannedMatrix } from '../types.ts';

export declare function createSaraAdapters(
  kernels: Kernels,
  matrices: readonly PlannedMatrix[],
  config: SaraConfig,
  facts: MatrixFacts,
  rng: Rng,
  signal: AbortSignal,
): Promise<AdapterSet>;
