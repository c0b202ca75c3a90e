import { IndexedDatasets } from '../data/indexedDataset.ts';
import { decompositionOps } from '../svd/decompositionOps.ts';
import { openBackend, type Backend } from '../tensor/backend.ts';
import { makeComputeCache } from '../tensor/gpuPreparation/computeCache.ts';
import { GpuPreparation } from '../tensor/gpuPreparation/gpuPreparation.ts';
import { kernelOps } from '../tensor/gpuPreparation/kernelOps.ts';
import type { PreparationProgress } from '../tensor/gpuPreparation/runOnce.ts';
import { systemClock, type Clock } from '../util/clock.ts';
import { Calibrations } from './calibrations.ts';
import { LightModels } from './lightModels.ts';
import { LoadedModels } from './loadedModels.ts';

/** What the operations of one engine process share. */
export interface EngineServices {
  readonly clock: Clock;
  /** Folder of `resources/`: samples and licences. */
  readonly resources: string;
  /** Loads TensorFlow on first use and says how long that took. @throws AppError BACKEND_MISSING */
  backend(): Promise<Backend & { readonly startMilliseconds: number }>;
  /**
   * Compiles what a GPU needs before it computes for the first time in this process; at once on a CPU.
   * @param onProgress see preparing.ts
   * @throws AppError BACKEND_MISSING, CANCELLED
   */
  prepareGpu(signal: AbortSignal, onProgress: PreparationProgress): Promise<void>;
  /** Models kept in memory between answers. */
  readonly loaded: LoadedModels;
  /** Frozen gates that were measured. */
  readonly calibrations: Calibrations;
  /** Data files and tokenizers kept between the pages of a preview. */
  readonly datasets: IndexedDatasets;
  readonly lightModels: LightModels;
}

interface ServiceOptions {
  readonly clock?: Clock;
  /** Called once, before TensorFlow is loaded. */
  readonly beforeLoading?: () => Promise<void>;
}

/** Services of this process; nothing is loaded yet. */
export function createServices(
  resources: string,
  { clock = systemClock, beforeLoading }: ServiceOptions = {},
): EngineServices {
  let opening: ReturnType<EngineServices['backend']> | undefined;
  const backend = async (): ReturnType<EngineServices['backend']> => {
    const begun = clock.now();
    await beforeLoading?.();
    await makeComputeCache();
    return { ...(await openBackend()), startMilliseconds: clock.now() - begun };
  };
  const gpu = new GpuPreparation([...kernelOps, ...decompositionOps]);
  const opened = async (): ReturnType<EngineServices['backend']> => (opening ??= backend());
  return {
    clock,
    resources,
    backend: opened,
    prepareGpu: async (signal, onProgress) => gpu.prepare(await opened(), signal, onProgress),
    loaded: new LoadedModels(),
    calibrations: new Calibrations(),
    datasets: new IndexedDatasets(),
    lightModels: new LightModels(),
  };
}
