import { IndexedDatasets } from '../data/indexedDataset.ts';
import { openBackend, type Backend } from '../tensor/backend.ts';
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
    return { ...(await openBackend()), startMilliseconds: clock.now() - begun };
  };
  return {
    clock,
    resources,
    backend: async () => (opening ??= backend()),
    loaded: new LoadedModels(),
    calibrations: new Calibrations(),
    datasets: new IndexedDatasets(),
    lightModels: new LightModels(),
  };
}
