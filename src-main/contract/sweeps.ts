/** Trials of a sweep, what they have given, and which settings are best. Pure. */
import type { SettingValue, Sweep } from './sweeps.schema.ts';
import type { PreparingEvent } from './preparation.ts';
import type { TrainPhase } from './training.ts';

export type TrialState = 'waiting' | 'running' | 'done' | 'stopped' | 'failed';

/** One training of a sweep, before it has run. */
export interface PlannedTrial {
  /** 1 … */
  readonly number: number;
  /** Trials of one group differ by their seed alone; groups count from 1. */
  readonly group: number;
  readonly seed: number;
  /** The settings that are tried, by their place, in the order of the sweep. */
  readonly values: Readonly<Record<string, SettingValue>>;
}

/** Held-out loss after a step, nats per token. */
export interface TrialEvaluation {
  readonly step: number;
  readonly loss: number;
}

/** What a trial has given so far. */
export interface TrialOutcome {
  readonly state: TrialState;
  readonly step: number;
  readonly totalSteps: number;
  /** Without that of step 0. */
  readonly evaluations: readonly TrialEvaluation[];
  /** Before the first step. */
  readonly baseLoss?: number;
  /** Of the last step's batch. */
  readonly trainLoss?: number;
  readonly trainable?: number;
  readonly seconds?: number;
  /** Steps that were trained again after an interruption, since the last checkpoint before it. */
  readonly repeatedSteps?: number;
  /** The node that it ran on last. */
  readonly node?: string;
  readonly error?: { readonly code: string; readonly message: string };
}

export interface Trial extends PlannedTrial, TrialOutcome {
  /** Folder of its run on this machine, where it is here. */
  readonly run?: string;
}

/** Settings with their held-out loss over the seeds. */
export interface TrialGroup {
  readonly group: number;
  readonly values: PlannedTrial['values'];
  readonly trials: readonly Trial[];
  /** Of the best held-out losses of finished trials; absent until all seeds are done. */
  readonly mean?: number;
  /** Sample standard deviation (n − 1); absent for one seed. */
  readonly deviation?: number;
}

export interface SweepResult {
  readonly version: 1;
  readonly folder: string;
  readonly sweep: Sweep;
  /** A run that was sent to a cluster: one trial, and nothing is tried. */
  readonly kind?: 'run';
  /** Name of the cluster it runs on; absent for this machine. */
  readonly target?: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly trials: readonly Trial[];
  /** No trial is left to be done. */
  readonly complete: boolean;
}

export interface SweepSummary {
  readonly folder: string;
  readonly name: string;
  readonly kind?: 'run';
  readonly target?: string;
  readonly createdAt: string;
  readonly trials: number;
  readonly finished: number;
}

export type SweepEvent =
  | PreparingEvent
  | {
      readonly event: 'phase';
      readonly phase: TrainPhase | 'fetching';
      readonly text?: string;
      readonly fraction?: number;
    }
  /** The trials of the sweep as they stand; the first event, and after a gap. */
  | { readonly event: 'sweep'; readonly result: SweepResult }
  /** Trials that have changed since the last event, whole; at most a few messages a second. */
  | { readonly event: 'trials'; readonly changed: readonly Trial[] }
  /** On a cluster: the job was stopped, trials wait at their checkpoints. */
  | { readonly event: 'paused' }
  | { readonly event: 'continued' }
  | { readonly event: 'note'; readonly text: string };

/** Whether nothing more will come of it. */
export function isFinal(state: TrialState): boolean {
  return state === 'done' || state === 'stopped' || state === 'failed';
}

/** The least held-out loss of a trial; undefined before the first evaluation. */
export function bestLoss({ evaluations }: Pick<TrialOutcome, 'evaluations'>): number | undefined {
  return evaluations.reduce<number | undefined>(
    (best, { loss }) => (best === undefined || loss < best ? loss : best),
    undefined,
  );
}

/** The trials by settings, in the order of the groups. */
export function groupsOf(trials: readonly Trial[]): TrialGroup[] {
  const groups = new Map<number, Trial[]>();
  for (const trial of trials) {
    const own = groups.get(trial.group);
    if (own === undefined) groups.set(trial.group, [trial]);
    else own.push(trial);
  }
  return [...groups].map(([group, own]) => {
    const losses = own.flatMap((trial) => (trial.state === 'done' ? (bestLoss(trial) ?? []) : []));
    const values = own[0]?.values ?? {};
    if (losses.length < own.length || losses.length === 0) return { group, values, trials: own };
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    if (losses.length === 1) return { group, values, trials: own, mean };
    const squares = losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0);
    return { group, values, trials: own, mean, deviation: Math.sqrt(squares / (losses.length - 1)) };
  });
}

/** The group with the least mean; undefined while no group is done. */
export function bestGroup(groups: readonly TrialGroup[]): TrialGroup | undefined {
  return groups.reduce<TrialGroup | undefined>(
    (best, group) => (group.mean !== undefined && group.mean < (best?.mean ?? Infinity) ? group : best),
    undefined,
  );
}

/** The trial of a group that is to become a run: the one with the least held-out loss. */
export function bestTrial({ trials }: Pick<TrialGroup, 'trials'>): Trial | undefined {
  return trials.reduce<Trial | undefined>((best, trial) => {
    const loss = bestLoss(trial);
    if (loss === undefined) return best;
    return best === undefined || loss < (bestLoss(best) ?? Infinity) ? trial : best;
  }, undefined);
}
