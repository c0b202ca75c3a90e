/** The defaults of a run's settings as the window shows them; a test holds them equal to the schema's. */
import type { LoraConfig, TrainConfig } from '../../src-main/contract/requests.schema.ts';
import { defaultSara } from './analysis.svelte.ts';

export const defaultLora: LoraConfig = { name: 'lora', rank: 8, alpha: 16, dropout: 0 };

export type TrainSettings = Omit<TrainConfig, 'model' | 'data'>;

export const trainDefaults: TrainSettings = {
  method: defaultSara,
  targets: 'all',
  epochs: 1,
  batchSize: 8,
  accumulation: 1,
  sequenceLength: 512,
  packing: false,
  lengthBuckets: true,
  learningRate: 3e-3,
  schedule: 'linear',
  warmupSteps: 0,
  weightDecay: 0.01,
  betas: [0.9, 0.999],
  epsilon: 1e-8,
  clipNorm: 1,
  seed: 0,
  activationCheckpointing: false,
  weights: 'auto',
  products: 'float32',
  evaluateEvery: 0,
  patience: 0,
  saveEvery: 0,
  keepCheckpoints: 2,
  samplePrompts: [],
};

/** Settings of a project with the defaults filled in. */
export function settingsOf(
  config: { readonly [K in keyof TrainConfig]?: TrainConfig[K] | undefined } | undefined,
): TrainSettings {
  const given = Object.fromEntries(Object.entries(config ?? {}).filter(([, value]) => value !== undefined));
  return { ...trainDefaults, ...given };
}
