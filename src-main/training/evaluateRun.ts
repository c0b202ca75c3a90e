import { heldOutLoss, type HeldOut } from './heldOutLoss.ts';
import { reportSamples } from './sampleAnswers.ts';
import { learntChanges } from './learntChange.ts';
import { keepSamples } from './keepSamples.ts';
import { measureNeutral } from './neutralLoss.ts';
import { report, type TrainSession } from './session.ts';

/**
 * One evaluation during training: held-out loss, what each matrix has learnt, answers to the sample prompts. Keeps the
 * best loss and counts the evaluations since.
 * @returns `not finite` when the held-out loss is no number any more; the rest was then left out
 * @throws AppError CANCELLED
 */
export async function evaluateRun(session: TrainSession): Promise<'evaluated' | 'not finite'> {
  const { data, decoder, adapters, context, baseNorms } = session;
  const { step } = session.progress;
  context.emit({ event: 'phase', phase: 'evaluating' });
  let meanGates: HeldOut['meanGates'];
  if (data.validation.length > 0) {
    const { loss, each, meanGates: means } = await heldOutLoss(session);
    meanGates = means;
    if (!Number.isFinite(loss)) return 'not finite';
    const best = loss < (session.progress.best?.loss ?? Infinity);
    session.progress = {
      ...session.progress,
      ...(best ? { best: { step, loss } } : {}),
      evaluationsWithoutGain: best ? 0 : session.progress.evaluationsWithoutGain + 1,
    };
    await report(session, { event: 'eval', step, loss, best });
    await keepSamples(session, each, best);
  }
  await measureNeutral(session);
  // Where the change depends on the token, the one with the mean gates stands for it.
  adapters.gates?.freeze(meanGates);
  const changes = learntChanges(decoder.kernels, adapters, baseNorms, session.baseWeight, context.signal);
  const matrices = await changes.finally(() => adapters.gates?.freeze(undefined));
  await report(session, { event: 'learnt', step, matrices });
  await reportSamples(session);
  return 'evaluated';
}
