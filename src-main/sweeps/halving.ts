/**
 * Asynchronous successive halving (Li et al. 2020, “A System for Massively Parallel Hyperparameter Tuning”), in its
 * stopping form, decided in the order of the trials’ numbers: trial i is compared at a rung with the trials before it
 * alone. So who goes on follows from the losses and never from which trial was faster, and one machine and a hundred
 * agree. A trial whose verdict is open trains on; what it did beyond the rung is not counted if it should have stopped.
 * `resources/ray/sara_halving.py` is the same for the cluster.
 */
import type { Halving } from '../contract/sweeps.schema.ts';
import type { TrialEvaluation, TrialOutcome } from '../contract/sweeps.ts';

/** `through`: the rung after which the trial is stopped. `open`: earlier trials have yet to show their losses. */
export type Verdict = { readonly kind: 'on' | 'open' } | { readonly kind: 'stop'; readonly through: number };

/** What is known of a trial: its evaluations, and whether there will be more. */
export interface HalvingTrial {
  readonly evaluations: readonly TrialEvaluation[];
  readonly final: boolean;
  readonly totalSteps: number;
}

/** The steps of the rungs: grace · reductionⁿ, up to the longest trial. */
export function rungsOf({ grace, reduction }: Halving, longest: number): number[] {
  const rungs: number[] = [];
  for (let step = grace; step < longest; step *= reduction) rungs.push(step);
  return rungs;
}

/** The verdict on each trial, in the order of their numbers. */
export function verdicts(trials: readonly HalvingTrial[], halving: Halving): Verdict[] {
  const rungs = rungsOf(halving, Math.max(0, ...trials.map(({ totalSteps }) => totalSteps)));
  /** Losses in rising order at each rung of the trials before, and whether one of them may still come. */
  const board = rungs.map(() => ({ losses: [] as number[], open: false }));
  return trials.map((trial) => judge(trial, rungs, board, halving.reduction));
}

function judge(
  { evaluations, final, totalSteps }: HalvingTrial,
  rungs: readonly number[],
  board: { losses: number[]; open: boolean }[],
  reduction: number,
): Verdict {
  const openFrom = (first: number): Verdict => {
    for (const place of board.slice(first)) place.open = true;
    return { kind: 'open' };
  };
  for (const [i, rung] of rungs.entries()) {
    const place = board[i];
    if (place === undefined || rung >= totalSteps) break;
    const loss = evaluations.find(({ step }) => step === rung)?.loss;
    // It has ended before this rung and takes no part in it, or is yet to get there.
    if (loss === undefined) return final ? { kind: 'on' } : openFrom(i);
    if (place.open) return openFrom(i);
    const better = countBelow(place.losses, loss);
    place.losses.splice(better, 0, loss);
    if (better >= Math.max(1, Math.floor(place.losses.length / reduction))) return { kind: 'stop', through: rung };
  }
  return { kind: 'on' };
}

/** How many of the losses, in rising order, are less: by halves, since a thousand trials are judged many times. */
function countBelow(losses: readonly number[], loss: number): number {
  let from = 0;
  let to = losses.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((losses[middle] ?? Infinity) < loss) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** An outcome as the verdict leaves it: a stopped trial ends at its rung, whatever it trained beyond. */
export function judged(outcome: TrialOutcome, verdict: Verdict): TrialOutcome {
  if (verdict.kind !== 'stop' || outcome.step < verdict.through) return outcome;
  const { error: _settled, ...rest } = outcome;
  return {
    ...rest,
    state: 'stopped',
    step: verdict.through,
    evaluations: outcome.evaluations.filter(({ step }) => step <= verdict.through),
  };
}
