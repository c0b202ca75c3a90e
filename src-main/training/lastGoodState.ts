import { checkpointSteps, dropCheckpointsAfter } from '../runs/checkpoints.ts';
import { AppError } from '../util/appError.ts';
import { saveCheckpoint, updateRecord, type TrainSession } from './session.ts';

/**
 * Called when a number was no longer finite: leaves the last good state as the newest checkpoint.
 * @param soundState the loss of the present parameters is finite and only a gradient was not: they are saved. Otherwise
 * the step before spoilt them, and an earlier checkpoint is what is left.
 * @returns the error to throw
 */
export async function keepLastGoodState(session: TrainSession, soundState: boolean): Promise<AppError> {
  const { run, progress, config } = session;
  if (soundState) await saveCheckpoint(session);
  else await dropSpoiltCheckpoint(session);
  const kept = (await checkpointSteps(run)).at(-1) ?? 0;
  await updateRecord(session, { step: kept, last: { step: kept } });
  return new AppError(
    'NON_FINITE',
    `${soundState ? 'A gradient' : 'The loss'} was no longer a finite number after step ${String(progress.step)}; the state after step ${String(kept)} is kept. Train again with a lower learning rate than ${String(config.learningRate)}.`,
    { details: { step: progress.step, keptStep: kept } },
  );
}

async function dropSpoiltCheckpoint({ run, progress }: TrainSession): Promise<void> {
  const steps = await checkpointSteps(run);
  const evaluatedWell = progress.best?.step === progress.step;
  if (steps.length > 1 && !evaluatedWell) await dropCheckpointsAfter(run, progress.step - 1);
}
