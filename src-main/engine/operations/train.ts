import { estimateRun } from '../../estimate/estimate.ts';
import { openModel } from '../../models/open.ts';
import { resumeTraining, startTraining } from '../../training/train.ts';
import type { EngineServices } from '../services.ts';
import { trainEnvironment } from '../trainEnvironment.ts';
import type { Operation } from './operation.ts';

/** Trains a new run. */
export function trainRun(services: EngineServices): Operation<'train.run'> {
  return async ({ config, out }, context) => {
    await services.loaded.release();
    const model = await openModel(config.model, context.signal);
    try {
      return await startTraining(model, config, out, await trainEnvironment(services), context);
    } finally {
      await model.close();
    }
  };
}

/** Goes on with an interrupted run. */
export function trainResume(services: EngineServices): Operation<'train.resume'> {
  return async ({ run }, context) => {
    await services.loaded.release();
    return resumeTraining(run, openModel, await trainEnvironment(services), context);
  };
}

/** Memory, time and size of a run before it starts. */
export const trainEstimate: Operation<'train.estimate'> = async (config, { signal }) => estimateRun(config, signal);
