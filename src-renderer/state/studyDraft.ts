/** What a person sets of a study, and the study that follows. Pure. */
import type { MethodConfig, RankRuleConfig, SaraConfig } from '../../src-main/contract/methods.schema.ts';
import type { DataConfig, Targets, TrainConfig } from '../../src-main/contract/requests.schema.ts';
import type { Study } from '../../src-main/contract/studies.schema.ts';
import type { MethodId } from './methodChoices.ts';
import { probingStudies, type StudyName } from '../../src-main/contract/studies.ts';

/** Settings of all studies: what is set for one is kept for the next. */
export interface StudyDraft {
  readonly matrix: string | undefined;
  readonly threshold: number;
  readonly thresholds: readonly number[];
  readonly probe: boolean;
  readonly unit: 'layer' | 'matrix';
  readonly learningRate: number;
  readonly learningRates: readonly number[];
  readonly seeds: readonly number[];
  readonly fractions: readonly number[];
  readonly steps: number;
  readonly batchSize: number;
  readonly sequenceLength: number;
  readonly maxRows: number | undefined;
  readonly maxValidationRows: number | undefined;
  readonly methods: readonly MethodId[];
  /** Paths; empty for the model of the project alone. */
  readonly models: readonly string[];
}
export type DraftKey = keyof StudyDraft;

export const firstDraft: StudyDraft = {
  matrix: undefined,
  threshold: 0.05,
  thresholds: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5],
  probe: false,
  unit: 'layer',
  learningRate: 3e-3,
  learningRates: [3e-4, 1e-3, 3e-3],
  seeds: [0, 1, 2],
  fractions: [0.25, 1],
  steps: 24,
  batchSize: 8,
  sequenceLength: 256,
  maxRows: undefined,
  maxValidationRows: 64,
  methods: ['sara', 'lora-budget'],
  models: [],
};

const probeFields = ['steps', 'batchSize', 'sequenceLength', 'maxRows', 'maxValidationRows'] as const;

/** Which settings a study has, in the order of its form. */
export function fieldsOf(study: StudyName, draft: StudyDraft): readonly DraftKey[] {
  switch (study) {
    case 'overview':
      return ['matrix', 'threshold'];
    case 'heads':
    case 'merged':
    case 'QVmerged':
      return ['threshold'];
    case 'scaling':
      return ['models', 'thresholds'];
    case 'threshold':
      return ['thresholds', 'probe', ...(draft.probe ? (['learningRates', 'seeds', ...probeFields] as const) : [])];
    case 'relation':
      return ['unit', 'threshold', 'learningRate', 'seeds', ...probeFields];
    case 'robustness':
      return ['threshold', 'learningRates', 'seeds', 'fractions', ...probeFields];
    case 'ablation':
      return ['methods', 'learningRates', 'seeds', ...probeFields];
  }
}

/** What of the project a study is made from. */
export interface StudyGround {
  readonly model: string;
  readonly data: DataConfig | undefined;
  readonly config: { readonly [K in keyof TrainConfig]?: TrainConfig[K] | undefined } | undefined;
  readonly sara: SaraConfig;
  /** The settings each chosen method was left with, with its name. */
  readonly methods: readonly { readonly label: string; readonly method: MethodConfig }[];
}

export function needsData(study: StudyName, draft: StudyDraft): boolean {
  return study === 'threshold' ? draft.probe : probingStudies.includes(study);
}

/** The request of a study; undefined while data is missing that it needs. */
export function studyOf(study: StudyName, draft: StudyDraft, ground: StudyGround): Study | undefined {
  const { model, sara } = ground;
  const targets: Targets = ground.config?.targets ?? 'all';
  const { threshold: _threshold, floor, cap, measure, granularity } = sara;
  const rule: RankRuleConfig = {
    threshold: draft.threshold,
    measure,
    granularity,
    ...(floor === undefined ? {} : { floor }),
    ...(cap === undefined ? {} : { cap }),
  };
  const method: SaraConfig = { ...sara, threshold: draft.threshold };
  const probe = probeOf(draft, ground);
  const lists = { learningRates: [...draft.learningRates], seeds: [...draft.seeds] };
  switch (study) {
    case 'overview':
      return { study, model, rule, imageSize: 96, ...(draft.matrix === undefined ? {} : { matrix: draft.matrix }) };
    case 'heads':
    case 'merged':
    case 'QVmerged':
      return { study, model, rule };
    case 'scaling':
      return {
        study,
        models: draft.models.length === 0 ? [model] : [...draft.models],
        targets,
        rule,
        thresholds: [...draft.thresholds],
      };
    case 'threshold':
      if (draft.probe && probe === undefined) return undefined;
      return {
        study,
        model,
        targets,
        thresholds: [...draft.thresholds],
        method,
        ...lists,
        ...(draft.probe && probe !== undefined ? { probe } : {}),
      };
    case 'relation':
      return (
        probe && {
          study,
          model,
          targets,
          method,
          unit: draft.unit,
          probe,
          learningRate: draft.learningRate,
          seeds: lists.seeds,
        }
      );
    case 'robustness':
      return probe && { study, model, targets, method, probe, ...lists, fractions: [...draft.fractions] };
    case 'ablation':
      return probe && { study, model, targets, methods: [...ground.methods], probe, ...lists };
  }
}

type Probing = Extract<Study, { study: 'relation' }>['probe'];

function probeOf(draft: StudyDraft, { data, config }: StudyGround): Probing | undefined {
  if (data === undefined) return undefined;
  const { maxRows, maxValidationRows } = draft;
  return {
    data: {
      ...data,
      ...(maxRows === undefined ? {} : { maxRows }),
      ...(maxValidationRows === undefined ? {} : { maxValidationRows }),
    },
    steps: draft.steps,
    batchSize: draft.batchSize,
    sequenceLength: draft.sequenceLength,
    accumulation: config?.accumulation ?? 1,
    packing: config?.packing ?? false,
    lengthBuckets: config?.lengthBuckets ?? true,
    schedule: config?.schedule ?? 'linear',
    warmupSteps: Math.min(config?.warmupSteps ?? 0, draft.steps),
    weightDecay: config?.weightDecay ?? 0.01,
    betas: config?.betas ?? [0.9, 0.999],
    epsilon: config?.epsilon ?? 1e-8,
    clipNorm: config?.clipNorm ?? 1,
    activationCheckpointing: config?.activationCheckpointing ?? false,
  };
}

export interface StudySize {
  readonly points: number;
  /** Points that are trainings; 0 for a study that looks at weights alone. */
  readonly probes: number;
}

/** How many points a study has. @param layers of the model; @param matrices adapted in it */
export function sizeOf(study: Study, layers: number, matrices: number): StudySize {
  const only = (points: number): StudySize => ({ points, probes: 0 });
  const probes = (count: number): StudySize => ({ points: count, probes: count });
  switch (study.study) {
    case 'overview':
      return only(1);
    case 'heads':
    case 'merged':
    case 'QVmerged':
      return only(study.layers?.length ?? layers);
    case 'scaling':
      return only(study.models.length);
    case 'threshold': {
      const cells = study.learningRates.length * study.seeds.length;
      return study.probe === undefined ? only(study.thresholds.length) : probes(study.thresholds.length * cells);
    }
    case 'relation':
      return probes((study.unit === 'layer' ? layers : matrices) * study.seeds.length);
    case 'robustness':
      return probes(2 * study.fractions.length * study.learningRates.length * study.seeds.length);
    case 'ablation':
      return probes(study.methods.length * study.learningRates.length * study.seeds.length);
  }
}
