/** What a person sets of a sweep, and the sweep that follows. Pure. */
import type { SweepInput } from '../../src-main/contract/sweeps.schema.ts';
import type { Project } from '../../src-main/contract/settings.schema.ts';

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
}

export const firstSweep: SweepDraft = {
  name: 'sweep',
  learningRates: [3e-4, 1e-3, 3e-3],
  thresholds: [],
  seeds: [0, 1, 2],
  grace: undefined,
  target: undefined,
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
      learningRate: { values: [...draft.learningRates] },
      ...(thresholds.length === 0 ? {} : { 'method.threshold': { values: [...thresholds] } }),
    },
    seeds: [...draft.seeds],
    ...(draft.grace === undefined ? {} : { stopping: { grace: draft.grace } }),
  };
}

/** How many trainings that is. */
export function trialsOf(draft: SweepDraft, config: Project['config']): number {
  const thresholds = hasThreshold(config) ? Math.max(1, draft.thresholds.length) : 1;
  return draft.learningRates.length * thresholds * draft.seeds.length;
}
