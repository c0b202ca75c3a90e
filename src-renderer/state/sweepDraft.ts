/** What a person sets of a sweep, and the sweep that follows. Pure. */
import type { SweepInput } from '../../src-main/contract/sweeps.schema.ts';
import type { Project } from '../../src-main/contract/settings.schema.ts';

/** What a training is given on a cluster. */
export interface Resources {
  readonly cpus: number;
  readonly gpus: number;
}
export const leastResources: Resources = { cpus: 1, gpus: 0 };

export interface SweepDraft {
  readonly name: string;
  readonly learningRates: readonly number[];
  /** Values of m; none where the method of the project has no threshold. */
  readonly thresholds: readonly number[];
  readonly seeds: readonly number[];
  /** Steps after which trials that fall behind are stopped; none where undefined. */
  readonly grace: number | undefined;
  /** Name of a cluster; this machine where undefined. */
  readonly target: string | undefined;
  /** Of each trial, on a cluster. */
  readonly resources: Resources;
  /** So many combinations are drawn at random from the ranges of the values; all of them are tried where undefined. */
  readonly samples: number | undefined;
}

export const firstSweep: SweepDraft = {
  name: 'sweep',
  learningRates: [3e-4, 1e-3, 3e-3],
  thresholds: [],
  seeds: [0, 1, 2],
  grace: undefined,
  target: undefined,
  resources: leastResources,
  samples: undefined,
};

/** Whether the method of the project has a threshold that can be tried. */
export function hasThreshold(config: Project['config']): boolean {
  const name = config?.method?.name;
  return name === undefined || name === 'sara' || name === 'mosara';
}

/** The sweep of a draft; undefined while the project has no model or no data. */
export function sweepOf(
  draft: SweepDraft,
  { model, data, config }: Pick<Project, 'model' | 'data' | 'config'>,
): SweepInput | undefined {
  if (model === undefined || data === undefined) return undefined;
  const thresholds = hasThreshold(config) ? draft.thresholds : [];
  return {
    name: draft.name,
    config: { ...config, method: config?.method ?? { name: 'sara' }, model, data },
    space: {
      learningRate: choiceOf(draft.learningRates, draft.samples),
      ...(thresholds.length === 0 ? {} : { 'method.threshold': choiceOf(thresholds, draft.samples) }),
    },
    seeds: [...draft.seeds],
    ...(draft.samples === undefined ? {} : { search: { name: 'random', samples: draft.samples } }),
    ...(draft.target === undefined ? {} : { resources: draft.resources }),
    ...(draft.grace === undefined ? {} : { stopping: { grace: draft.grace } }),
  };
}

/** The values themselves, or for a random search what lies between the least and the greatest of them. */
function choiceOf(values: readonly number[], samples: number | undefined): SweepInput['space'][string] {
  const [from, to] = [Math.min(...values), Math.max(...values)];
  return samples === undefined || from >= to ? { values: [...values] } : { from, to, scale: 'log' };
}

/** How many trainings that is. */
export function trialsOf(draft: SweepDraft, config: Project['config']): number {
  if (draft.samples !== undefined) return draft.samples * draft.seeds.length;
  const thresholds = hasThreshold(config) ? Math.max(1, draft.thresholds.length) : 1;
  return draft.learningRates.length * thresholds * draft.seeds.length;
}
