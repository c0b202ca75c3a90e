/** Settings by goal. A preset sets what it names and leaves the rest as it is. */
import type { MethodConfig, TrainConfig } from '../../../src-main/contract/requests.schema.ts';
import { carefulLearningRate, startingLearningRate } from '../../../src-main/contract/learningRate.ts';
import { ruleOf, withRule } from '../../state/rankRule.ts';
import type { TrainSettings } from '../../state/trainDefaults.ts';

export const presetNames = ['quick', 'careful', 'small'] as const;
export type PresetName = (typeof presetNames)[number];

interface Preset {
  /** m, or r for LoRA, where they are the point of the preset; otherwise they stay as chosen. */
  readonly ranks?: { readonly threshold: number; readonly lora: number };
  readonly learningRate: (method: MethodConfig) => number;
  readonly settings: { readonly [K in keyof TrainConfig]?: TrainConfig[K] | undefined };
}

const presets: Readonly<Record<PresetName, Preset>> = {
  quick: {
    learningRate: startingLearningRate,
    settings: {
      steps: 24,
      epochs: 1,
      sequenceLength: 256,
      schedule: 'linear',
      warmupSteps: 2,
      evaluateEvery: 8,
      patience: 0,
    },
  },
  careful: {
    learningRate: carefulLearningRate,
    settings: {
      steps: undefined,
      epochs: 3,
      sequenceLength: 512,
      schedule: 'cosine',
      warmupSteps: 10,
      evaluateEvery: 20,
      patience: 3,
    },
  },
  small: {
    learningRate: startingLearningRate,
    ranks: { threshold: 0.01, lora: 2 },
    settings: {
      steps: 48,
      epochs: 1,
      sequenceLength: 256,
      schedule: 'linear',
      warmupSteps: 4,
      evaluateEvery: 12,
      patience: 0,
    },
  },
};

/** What a preset changes, for the method in use. */
export function presetPatch(name: PresetName, { method }: TrainSettings): Preset['settings'] {
  const { settings, ranks, learningRate } = presets[name];
  const patch = { ...settings, learningRate: learningRate(method) };
  return ranks === undefined ? patch : { ...patch, method: smallest(method, ranks) };
}

function smallest(method: MethodConfig, ranks: NonNullable<Preset['ranks']>): MethodConfig {
  const rule = ruleOf(method);
  if (rule !== undefined) return withRule(method, { ...rule, threshold: ranks.threshold });
  if (!('rank' in method)) return method;
  return { ...method, rank: ranks.lora, ...(method.name === 'lora' ? { alpha: 2 * ranks.lora } : {}) };
}

/** The preset whose values are all in force; undefined when something was changed. */
export function matchingPreset(current: TrainSettings): PresetName | undefined {
  return presetNames.find((name) =>
    Object.entries(presetPatch(name, current)).every(([key, value]) =>
      sameSetting(current[key as keyof TrainSettings], value),
    ),
  );
}

function sameSetting(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || a === null) return a === b;
  if (typeof b !== 'object' || b === null) return false;
  const left = Object.entries(a).filter(([, v]) => v !== undefined);
  const right = new Map(Object.entries(b).filter(([, v]) => v !== undefined));
  return left.length === right.size && left.every(([key, value]) => right.get(key) === value);
}
