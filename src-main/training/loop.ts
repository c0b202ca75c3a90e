import { cancelled } from '../util/appError.ts';
import { evaluateRun } from './evaluateRun.ts';
import { keepLastGoodState } from './lastGoodState.ts';
import { MemoryWatch } from './memoryWatch.ts';
import { nextStep } from './nextStep.ts';
import { report, saveCheckpoint, updateRecord, type TrainSession } from './session.ts';
import { StepTimer } from './stepTimer.ts';

/** `done`: all steps; `early`: patience ran out; `stopped`: asked for, and kept. */
export type LoopEnd = 'done' | 'early' | 'stopped';

const pausePollMilliseconds = 50;
/** A checkpoint at least so often, however the run is set: more than this is never lost. */
const saveMilliseconds = 10 * 60_000;
/** How often it is looked whether the run's folder is still there. */
const lookMilliseconds = 10_000;

/**
 * Trains from `session.progress.step` to the end. Evaluations end with a checkpoint, so everything that was reported
 * as evaluated can be resumed from.
 * @throws AppError NON_FINITE after the last good state was saved; CANCELLED with the last checkpoint as it is;
 * FILE_NOT_FOUND, RUN_BUSY when the run was taken away
 */
export async function trainLoop(session: TrainSession): Promise<LoopEnd> {
  const { config, clock, context, planner } = session;
  const { kernels } = session.decoder;
  const total = session.record.totalSteps;
  const timer = new StepTimer();
  const memory = new MemoryWatch();
  let savedAt = clock.now();
  let lookedAt = clock.now();
  // A clock that is set back must not make a time negative: a checkpoint with one cannot be read.
  const secondsSince = (then: number): number => Math.max(0, (clock.now() - then) / 1000);

  while (session.progress.step < total) {
    // Before the step, so that a run that was cut off at this point ends here too when it is resumed.
    if (config.patience > 0 && session.progress.evaluationsWithoutGain >= config.patience) {
      await report(session, {
        event: 'note',
        step: session.progress.step,
        text: `Stopped early: ${String(config.patience)} evaluations without a better loss.`,
      });
      return 'early';
    }
    if ((await followControls(session)) === 'stop') {
      await saveCheckpoint(session);
      return 'stopped';
    }
    const started = clock.now();
    const { starts: startsBefore } = kernels.starts;
    const { step: stepsDone } = session.progress;
    const result = await nextStep({ ...session, examples: session.data.train }, stepsDone, total, context.signal);
    if (!result.finite) throw await keepLastGoodState(session, Number.isFinite(result.loss));

    const step = stepsDone + 1;
    const seconds = secondsSince(started);
    session.progress = {
      ...session.progress,
      step,
      data: planner.position,
      tokens: session.progress.tokens + result.tokens,
      elapsedSeconds: session.progress.elapsedSeconds + seconds,
    };
    await report(session, {
      event: 'step',
      step,
      loss: result.loss,
      lr: result.learningRate,
      gradNorm: result.gradientNorm,
      tokensPerSecond: seconds > 0 ? result.tokens / seconds : 0,
      rssBytes: process.memoryUsage.rss(),
      kernelStarts: kernels.starts.starts - startsBefore,
      tokens: session.progress.tokens,
      elapsedSeconds: session.progress.elapsedSeconds,
      etaSeconds: (timer.secondsPerStep() ?? seconds) * (total - step),
    });

    if (result.ranks !== undefined) await report(session, { event: 'ranks', step, ...result.ranks });
    if (step === total || isMultiple(step, config.evaluateEvery)) {
      if ((await evaluateRun(session)) === 'not finite') throw await keepLastGoodState(session, false);
      await saveCheckpoint(session);
    } else if (isMultiple(step, config.saveEvery) || clock.now() - savedAt >= saveMilliseconds) {
      await saveCheckpoint(session);
    }
    if (session.record.last?.step === step) savedAt = clock.now();
    if (clock.now() - lookedAt >= lookMilliseconds) {
      await session.lock.assertHeld();
      lookedAt = clock.now();
    }
    const { live, liveBytes } = kernels;
    const residentBytes = process.memoryUsage.rss();
    const growth = memory.observe(step, { tensors: live, tensorBytes: liveBytes, residentBytes });
    if (growth !== undefined) await report(session, { event: 'note', step, text: growth });
    if (session.record.last?.step === step && step < total) context.emit({ event: 'phase', phase: 'training' });
    // Evaluations and checkpoints belong to the time that steps take.
    const spent = secondsSince(started);
    timer.add(spent);
    session.progress = {
      ...session.progress,
      elapsedSeconds: session.progress.elapsedSeconds + Math.max(0, spent - seconds),
    };
  }
  return 'done';
}

function isMultiple(step: number, every: number): boolean {
  return every > 0 && step % every === 0;
}

/** Does what was asked since the last step; while paused, waits here. */
async function followControls(session: TrainSession): Promise<'stop' | 'go on'> {
  const { context, progress } = session;
  let paused = false;
  for (;;) {
    for (const action of context.takeControls()) {
      switch (action) {
        case 'stop':
          return 'stop';
        case 'checkpoint':
          await saveCheckpoint(session);
          break;
        case 'pause':
          if (paused) break;
          paused = true;
          await saveCheckpoint(session);
          await updateRecord(session, { state: 'paused' });
          await report(session, { event: 'paused', step: progress.step });
          break;
        case 'continue':
          if (!paused) break;
          paused = false;
          await updateRecord(session, { state: 'running' });
          await report(session, { event: 'continued', step: progress.step });
          break;
      }
    }
    if (context.signal.aborted) throw cancelled();
    if (!paused) return 'go on';
    await new Promise((resolve) => setTimeout(resolve, pausePollMilliseconds));
  }
}
