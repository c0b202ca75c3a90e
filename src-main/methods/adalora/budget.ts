import type { AdaloraConfig } from '../../contract/methods.schema.ts';

export interface BudgetPhases {
  readonly tinit: number;
  readonly tfinal: number;
}

/** The steps before and after the ranks change; where not set a tenth and a fifth of the run. */
export function budgetPhases(config: Pick<AdaloraConfig, 'tinit' | 'tfinal'>, totalSteps: number): BudgetPhases {
  return {
    tinit: config.tinit ?? Math.floor(0.1 * totalSteps),
    tfinal: config.tfinal ?? Math.max(1, Math.floor(0.2 * totalSteps)),
  };
}

/** What is done with the ranks after a step. */
export interface BudgetStep {
  /** Ranks that may be given out in all. */
  readonly budget: number;
  /**
   * `none`: ranks stay; `allocate`: they are given out anew; `settle`: for the last time; `hold`: those that were taken
   * away are kept away.
   */
  readonly action: 'none' | 'allocate' | 'settle' | 'hold';
}

/**
 * The cubic schedule of AdaLoRA (arXiv 2303.10512, eq. 12) at the places where PEFT has its steps:
 *
 *     b(t) = b_T + (b_0 − b_T) (1 − (t − t_i) / (T − t_i − t_f))³   for t_i < t < T − t_f, rounded down
 *
 * @param step optimizer steps done before this one
 */
export function budgetStep(
  step: number,
  { tinit, tfinal }: BudgetPhases,
  {
    totalSteps,
    deltaT,
    initial,
    target,
  }: {
    readonly totalSteps: number;
    readonly deltaT: number;
    /** Ranks of all matrices at the start and at the end. */
    readonly initial: number;
    readonly target: number;
  },
): BudgetStep {
  const settled = totalSteps - tfinal;
  if (step > settled) return { budget: target, action: 'hold' };
  if (step <= tinit) return { budget: initial, action: 'none' };
  const left = 1 - (step - tinit) / (settled - tinit);
  const budget = Math.trunc((initial - target) * left ** 3 + target);
  if (step === settled) return { budget, action: 'settle' };
  return { budget, action: step % deltaT === 0 ? 'allocate' : 'none' };
}
