import { listResults, openResult } from '../../studies/results.ts';
import { runStudy } from '../../studies/runStudy.ts';
import { appVersion } from '../../util/appVersion.ts';
import { asPhase } from '../preparing.ts';
import type { EngineServices } from '../services.ts';
import { trainEnvironment } from '../trainEnvironment.ts';
import type { Operation } from './operation.ts';

/** Runs a study, or what is left of it. */
export function studyRun(services: EngineServices): Operation<'study.run'> {
  return async (request, context) =>
    runStudy(
      request,
      {
        clock: services.clock,
        appVersion,
        environment: async () => {
          await services.loaded.release();
          await services.prepareGpu(context.signal, asPhase(context.emit));
          return trainEnvironment(services);
        },
      },
      context,
    );
}

/** The results that are kept in a store. */
export const studyList: Operation<'study.list'> = async ({ store }) => listResults(store);

/** One of them. */
export const studyOpen: Operation<'study.open'> = async ({ path }) => openResult(path);
