/** The curves of a run from its log, without the events that hold a value for every matrix. */
import type { RunCurves } from '../contract/routes.ts';
import type { TrainEvent } from '../contract/training.ts';
import { storedEvents } from './runEvents.ts';

type Step = Extract<TrainEvent, { event: 'step' }>;
type Evaluation = Extract<TrainEvent, { event: 'eval' }>;

/**
 * The steps of a run, evenly thinned to at most `points`, the last one always among them; a run without a log has none.
 * Evaluations are thinned likewise.
 */
export async function readCurves(run: string, points: number): Promise<RunCurves> {
  const steps: Step[] = [];
  const evaluations: Evaluation[] = [];
  for await (const event of storedEvents(run, ['step', 'eval'])) {
    if (event.event === 'step') steps.push(event);
    else if (event.event === 'eval') evaluations.push(event);
  }
  const kept = thinned(steps, points);
  const evaluated = thinned(evaluations, points);
  return {
    run,
    step: kept.map(({ step }) => step),
    loss: kept.map(({ loss }) => loss),
    lr: kept.map(({ lr }) => lr),
    gradNorm: kept.map(({ gradNorm }) => gradNorm),
    tokensPerSecond: kept.map(({ tokensPerSecond }) => tokensPerSecond),
    tokens: kept.map(({ tokens }) => tokens),
    elapsedSeconds: kept.map(({ elapsedSeconds }) => elapsedSeconds),
    validation: { step: evaluated.map(({ step }) => step), loss: evaluated.map(({ loss }) => loss) },
  };
}

/** At most `points` items, the first and the last among them, at even distances. */
function thinned<T>(items: readonly T[], points: number): readonly T[] {
  if (items.length <= points) return items;
  const distance = (items.length - 1) / (points - 1);
  return Array.from({ length: points }, (_, i) => items[Math.round(i * distance)]).filter((item) => item !== undefined);
}
