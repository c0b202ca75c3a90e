/** One run on a cluster: a sweep of one trial whose events come back as those of a run, and whose run comes home. */
import path from 'node:path';
import type { OperationContext } from '../contract/engine.ts';
import { sweepSchema, type TrainOnRequest } from '../contract/sweeps.schema.ts';
import type { RunRecord, TrainEvent } from '../contract/training.ts';
import { AppError } from '../util/appError.ts';
import { pullTrial } from './pullTrial.ts';
import { runOnTarget, type ClusterServices } from './runOnTarget.ts';

/**
 * Trains on a cluster and brings the run home.
 * @throws AppError as runOnTarget and pullTrial; CANCELLED when the person leaves it to itself: it goes on there
 */
export async function trainOnTarget(
  { config, folder, out, target, resources }: TrainOnRequest,
  services: ClusterServices,
  { signal, emit, takeControls }: OperationContext<TrainEvent>,
): Promise<RunRecord> {
  const name =
    path
      .basename(folder)
      .replace(/[^\w.-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, 60) || 'run';
  const sweep = sweepSchema.parse({ name, config, space: {}, seeds: [config.seed], resources });
  let step = 0;
  const left = { goesOn: true };
  const result = await runOnTarget({ sweep, folder, target, kind: 'run' }, services, {
    signal,
    takeControls,
    onLeave: (goesOn) => (left.goesOn = goesOn),
    emit(event) {
      if (event.event === 'phase' && event.phase === 'preparing') emit(event);
      else if (event.event === 'phase') {
        const { fraction } = event;
        emit({ event: 'phase', phase: phases[event.phase], ...(fraction === undefined ? {} : { fraction }) });
      }
      if (event.event === 'note') emit({ event: 'note', step, text: event.text });
      if (event.event === 'paused' || event.event === 'continued') emit({ event: event.event, step });
    },
    onTrainEvent(event) {
      if ('step' in event) step = event.step;
      // The paths of the node say nothing here.
      if (event.event === 'start') emit({ ...event, run: out });
      else if (event.event !== 'checkpoint' && event.event !== 'done') emit(event);
    },
  });
  if (!result.complete) {
    const where = target.target.name;
    throw new AppError(
      'CANCELLED',
      left.goesOn
        ? `The run goes on on ${where}; start it again to follow it.`
        : `The run was stopped on ${where}; start it again to go on from its last checkpoint.`,
    );
  }
  emit({ event: 'phase', phase: 'saving' });
  const record = await pullTrial({ folder, trial: 1, out, target }, services, signal);
  const best = record.best ?? { step: record.step, loss: null };
  const { trainable, step: steps, totalSteps } = record;
  const stoppedEarly = steps < totalSteps;
  emit({ event: 'done', run: out, trainable, bestStep: best.step, bestLoss: best.loss, steps, stoppedEarly });
  return record;
}

/** What of a sweep at work a run calls otherwise. */
const phases = {
  loading: 'loading',
  analysing: 'analysing',
  tokenising: 'tokenising',
  rehearsing: 'rehearsing',
  training: 'training',
  evaluating: 'evaluating',
  saving: 'saving',
  uploading: 'uploading',
  queued: 'queued',
  fetching: 'saving',
} as const;
