import { runSweep } from '../../sweeps/runSweep.ts';
import { listSweeps, openSweep } from '../../sweeps/storedSweeps.ts';
import { asPhase } from '../preparing.ts';
import type { EngineServices } from '../services.ts';
import { trainEnvironment } from '../trainEnvironment.ts';
import type { Operation } from './operation.ts';

/** Runs a sweep on this machine, or what is left of it. */
export function sweepRun(services: EngineServices): Operation<'sweep.run'> {
  return async (request, context) =>
    runSweep(
      request,
      {
        clock: services.clock,
        environment: async () => {
          await services.loaded.release();
          await services.prepareGpu(context.signal, asPhase(context.emit));
          return trainEnvironment(services);
        },
      },
      context,
    );
}

/** The sweeps that are kept in a store. */
export const sweepList: Operation<'sweep.list'> = async ({ store }) => listSweeps(store);

/** One of them. */
export const sweepOpen: Operation<'sweep.open'> = async ({ folder }) => openSweep(folder);
