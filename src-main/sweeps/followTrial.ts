/** What the events of a training make of its trial. */
import type { TrialEvaluation, TrialOutcome } from '../contract/sweeps.ts';
import type { TrainEvent } from '../contract/training.ts';

/** The outcome after one more event; the same object when the event changes nothing. */
export function followTrial(outcome: TrialOutcome, event: TrainEvent): TrialOutcome {
  switch (event.event) {
    case 'start':
      return {
        ...outcome,
        state: 'running',
        step: event.fromStep,
        totalSteps: event.steps,
        trainable: event.trainable,
        // A resumed run makes later evaluations anew.
        evaluations: outcome.evaluations.filter(({ step }) => step <= event.fromStep),
        ...repeated(outcome, event.fromStep),
      };
    case 'step':
      return { ...outcome, step: event.step, trainLoss: event.loss };
    case 'eval':
      if (event.step === 0) return { ...outcome, baseLoss: event.loss };
      return { ...outcome, evaluations: withEvaluation(outcome.evaluations, event) };
    case 'done':
      return { ...outcome, state: 'done', step: event.steps };
    default:
      return outcome;
  }
}

function repeated(outcome: TrialOutcome, fromStep: number): Pick<TrialOutcome, 'repeatedSteps'> {
  const again = Math.max(0, outcome.step - fromStep) + (outcome.repeatedSteps ?? 0);
  return again === 0 ? {} : { repeatedSteps: again };
}

function withEvaluation(
  evaluations: readonly TrialEvaluation[],
  { step, loss }: TrialEvaluation,
): readonly TrialEvaluation[] {
  return [...evaluations.filter((earlier) => earlier.step < step), { step, loss }];
}
