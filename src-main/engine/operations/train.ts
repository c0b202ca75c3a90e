import type { OperationContext } from '../../contract/engine.ts';
import type { RunRecord, TrainEvent } from '../../contract/training.ts';
import { estimateRun, recordSpeed } from '../../estimate/estimate.ts';
import { fitRun } from '../../estimate/fit.ts';
import { SpeedMeter } from '../../estimate/speed.ts';
import { openModel } from '../../models/open.ts';
import { resumeTraining, startTraining } from '../../training/train.ts';
import { asPhase } from '../preparing.ts';
import type { EngineServices } from '../services.ts';
import { trainEnvironment } from '../trainEnvironment.ts';
import type { Operation } from './operation.ts';

/** Trains a new run. */
export function trainRun(services: EngineServices): Operation<'train.run'> {
  return async ({ config, out }, context) => {
    await services.loaded.release();
    const model = await openModel(config.model, context.signal);
    try {
      await services.prepareGpu(context.signal, asPhase(context.emit));
      const environment = await trainEnvironment(services);
      return await measured(context, (watched) => startTraining(model, config, out, environment, watched));
    } finally {
      await model.close();
    }
  };
}

/** Goes on with an interrupted run. */
export function trainResume(services: EngineServices): Operation<'train.resume'> {
  return async ({ run }, context) => {
    await services.loaded.release();
    await services.prepareGpu(context.signal, asPhase(context.emit));
    const environment = await trainEnvironment(services);
    return measured(context, (watched) => resumeTraining(run, openModel, environment, watched));
  };
}

/** Trains, and keeps the speed that was reached for the estimates of later runs. */
async function measured(
  context: OperationContext<TrainEvent>,
  training: (context: OperationContext<TrainEvent>) => Promise<RunRecord>,
): Promise<RunRecord> {
  const meter = new SpeedMeter();
  const record = await training({
    ...context,
    emit(event) {
      meter.observe(event);
      context.emit(event);
    },
  });
  const { tokensPerSecond } = meter;
  // The run is done and saved: that its speed cannot be kept must not make it fail.
  if (tokensPerSecond !== undefined) {
    await recordSpeed(record.config, tokensPerSecond, context.signal).catch(() => undefined);
  }
  return record;
}

/** Memory, time and size of a run before it starts. */
export const trainEstimate: Operation<'train.estimate'> = async (config, { signal }) => estimateRun(config, signal);

/** Settings with which a run fits, before it starts. */
export const trainFit: Operation<'train.fit'> = async ({ config, budget }, { signal }) =>
  fitRun(config, budget, signal);
