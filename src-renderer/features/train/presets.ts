/** Settings by goal. A preset sets what it names and leaves the rest as it is. */
import type { TrainConfig } from '../../../src-main/contract/requests.schema.ts';
import { defaultSara } from '../../state/analysis.svelte.ts';
import type { TrainSettings } from './trainDefaults.ts';

export const presetNames = ['quick', 'careful', 'small'] as const;
export type PresetName = (typeof presetNames)[number];

interface Preset {
  /** m, or r = 8 · scale for LoRA. */
  readonly threshold: number;
  readonly loraRank: number;
  readonly settings: { readonly [K in keyof TrainConfig]?: TrainConfig[K] | undefined };
}

const presets: Readonly<Record<PresetName, Preset>> = {
  quick: {
    threshold: 0.05,
    loraRank: 8,
    settings: {
      steps: 24,
      epochs: 1,
      sequenceLength: 256,
      learningRate: 1e-3,
      schedule: 'linear',
      warmupSteps: 2,
      evaluateEvery: 8,
      patience: 0,
    },
  },
  careful: {
    threshold: 0.05,
    loraRank: 16,
    settings: {
      steps: undefined,
      epochs: 3,
      sequenceLength: 512,
      learningRate: 5e-4,
      schedule: 'cosine',
      warmupSteps: 10,
      evaluateEvery: 20,
      patience: 3,
    },
  },
  small: {
    threshold: 0.01,
    loraRank: 2,
    settings: {
      steps: 48,
      epochs: 1,
      sequenceLength: 256,
      learningRate: 2e-3,
      schedule: 'linear',
      warmupSteps: 4,
      evaluateEvery: 12,
      patience: 0,
    },
  },
};

/** What a preset changes, for the method in use. */
export function presetPatch(name: PresetName, current: TrainSettings): Preset['settings'] {
  const { settings, threshold, loraRank } = presets[name];
  const method = current.method;
  return {
    ...settings,
    method:
      method.name === 'lora'
        ? { ...method, rank: loraRank, alpha: 2 * loraRank }
        : { ...defaultSara, ...method, threshold },
  };
}

/**
 * The preset whose values are all in force; undefined when something was changed. The method counts only where it is
 * the point of the preset, since m is chosen in Ranks.
 */
export function matchingPreset(current: TrainSettings): PresetName | undefined {
  return presetNames.find((name) => {
    const patch = presetPatch(name, current);
    return Object.entries(patch).every(
      ([key, value]) =>
        (key === 'method' && name !== 'small') || sameSetting(current[key as keyof TrainSettings], value),
    );
  });
}

function sameSetting(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || a === null) return a === b;
  if (typeof b !== 'object' || b === null) return false;
  const left = Object.entries(a).filter(([, v]) => v !== undefined);
  const right = new Map(Object.entries(b).filter(([, v]) => v !== undefined));
  return left.length === right.size && left.every(([key, value]) => right.get(key) === value);
}
