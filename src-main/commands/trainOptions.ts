import { startingLearningRate } from '../contract/learningRate.ts';
import { methodSchema } from '../contract/methods.schema.ts';
import { trainConfigSchema, type TrainConfig } from '../contract/requests.schema.ts';
import { AppError } from '../util/appError.ts';
import type { OptionSpec, OptionValues } from './command.ts';
import { objectOf, runConfigFile, type MadeFor } from './configFile.ts';
import { dataConfigFrom, dataOptions } from './dataOptions.ts';
import { methodFrom, methodOptionNames, methodOptions } from './methodOptions.ts';
import { flag, number, targets, text, texts, validated, wholeNumbers, withoutUndefined } from './optionValues.ts';

/** The options of a training run; `estimate` takes the same. */
export const trainOptions: Readonly<Record<string, OptionSpec>> = {
  config: {
    type: 'string',
    value: 'FILE',
    description: 'JSON file with the settings, or a file that sara settings or the app exported; options override it.',
  },
  ...dataOptions,
  valid: {
    type: 'string',
    value: 'FILE',
    description: 'File with the validation rows (default: a tenth of the data, held out by the seed).',
  },
  'valid-share': {
    type: 'string',
    value: 'X',
    description: 'Share of the rows held out for validation (default 0.1).',
  },
  'row-seed': {
    type: 'string',
    value: 'N',
    description: 'Seed of the rows held out and drawn, where it is not --seed.',
  },
  'max-valid-rows': { type: 'string', value: 'N', description: 'Use at most N validation rows.' },
  ...methodOptions,
  layers: { type: 'string', value: 'NUMBERS', description: 'Adapt these layers alone, e.g. 0,4-6 (default all).' },
  steps: { type: 'string', value: 'N', description: 'Optimizer steps (default: one epoch).' },
  epochs: { type: 'string', value: 'N', description: 'Passes over the data, where --steps is not given (default 1).' },
  'batch-size': { type: 'string', value: 'N', description: 'Rows per micro-batch (default 8).' },
  accumulation: { type: 'string', value: 'N', description: 'Micro-batches per step (default 1).' },
  'seq-len': { type: 'string', value: 'N', description: 'Longest row in tokens (default 512).' },
  packing: { type: 'boolean', description: 'Fill rows with several examples that do not see each other.' },
  'no-length-buckets': { type: 'boolean', description: 'Do not put examples of like length into one batch.' },
  lr: {
    type: 'string',
    value: 'X',
    description: 'Learning rate (default by the method: 0.003 for SARA and LoRA, 0.1 for Mo-SARA, 0.0001 for full).',
  },
  schedule: { type: 'string', value: 'NAME', description: 'constant, linear or cosine (default linear).' },
  'warmup-steps': { type: 'string', value: 'N', description: 'Steps of linear warm-up (default 0).' },
  'weight-decay': { type: 'string', value: 'X', description: 'Decoupled weight decay (default 0.01).' },
  'clip-norm': { type: 'string', value: 'X', description: 'Largest gradient norm, 0 for none (default 1).' },
  seed: { type: 'string', value: 'N', description: 'Seed of everything random (default 0).' },
  'activation-checkpointing': { type: 'boolean', description: 'Less memory, about a third more time.' },
  weights: {
    type: 'string',
    value: 'FORM',
    description: 'auto, float32, stored (16-bit as in the file, exact) or q8 (8-bit blocks, not exact).',
  },
  products: {
    type: 'string',
    value: 'TYPE',
    description:
      'float32 or bfloat16 (default float32). bfloat16 rounds the operands of matrix products to 8 significant bits: faster with AMX, AVX-512 BF16 and GPUs since Ampere.',
  },
  'evaluate-every': { type: 'string', value: 'N', description: 'Evaluate every N steps (default: only at the end).' },
  patience: {
    type: 'string',
    value: 'N',
    description: 'Stop after N evaluations without a better loss (default: never).',
  },
  'save-every': {
    type: 'string',
    value: 'N',
    description: 'Save a checkpoint every N steps (default: at evaluations and at the end).',
  },
  keep: { type: 'string', value: 'N', description: 'Checkpoints kept besides the best (default 2).' },
  'sample-prompt': {
    type: 'string',
    value: 'TEXT',
    description: 'Prompt answered at every evaluation; may be given several times.',
    multiple: true,
  },
};

/** For each place in a configuration the option that sets it. */
const optionNames: Readonly<Record<string, string>> = {
  model: 'MODEL',
  'data.path': '--data',
  'data.validationPath': '--valid',
  'data.validationShare': '--valid-share',
  'data.template': '--template',
  'data.maxRows': '--max-rows',
  'data.maxValidationRows': '--max-valid-rows',
  'data.rowSeed': '--row-seed',
  ...methodOptionNames,
  targets: '--targets',
  layers: '--layers',
  steps: '--steps',
  epochs: '--epochs',
  batchSize: '--batch-size',
  accumulation: '--accumulation',
  sequenceLength: '--seq-len',
  learningRate: '--lr',
  schedule: '--schedule',
  warmupSteps: '--warmup-steps',
  weightDecay: '--weight-decay',
  clipNorm: '--clip-norm',
  seed: '--seed',
  products: '--products',
  evaluateEvery: '--evaluate-every',
  patience: '--patience',
  saveEvery: '--save-every',
  keepCheckpoints: '--keep',
  samplePrompts: '--sample-prompt',
};

/**
 * The configuration of a run from `--config` and options, defaults filled in.
 * @throws AppError USAGE naming the option; FILE_NOT_FOUND, SETTINGS_INVALID for the configuration file
 */
export async function trainConfigFrom(model: string | undefined, options: OptionValues): Promise<TrainConfig> {
  const { settings: file, madeFor } = await runConfigFile(text(options, 'config'));
  const samplePrompts = texts(options, 'sample-prompt');
  const given = withoutUndefined({
    model,
    targets: targets(options),
    layers: wholeNumbers(options, 'layers'),
    steps: number(options, 'steps'),
    epochs: number(options, 'epochs'),
    batchSize: number(options, 'batch-size'),
    accumulation: number(options, 'accumulation'),
    sequenceLength: number(options, 'seq-len'),
    packing: flag(options, 'packing') ? true : undefined,
    lengthBuckets: flag(options, 'no-length-buckets') ? false : undefined,
    learningRate: number(options, 'lr'),
    schedule: text(options, 'schedule'),
    warmupSteps: number(options, 'warmup-steps'),
    weightDecay: number(options, 'weight-decay'),
    clipNorm: number(options, 'clip-norm'),
    seed: number(options, 'seed'),
    activationCheckpointing: flag(options, 'activation-checkpointing') ? true : undefined,
    weights: text(options, 'weights'),
    products: text(options, 'products'),
    evaluateEvery: number(options, 'evaluate-every'),
    patience: number(options, 'patience'),
    saveEvery: number(options, 'save-every'),
    keepCheckpoints: number(options, 'keep'),
    samplePrompts: samplePrompts.length > 0 ? samplePrompts : undefined,
  });
  const data = {
    ...objectOf(file['data']),
    ...dataConfigFrom(options),
    ...withoutUndefined({
      validationPath: text(options, 'valid'),
      validationShare: number(options, 'valid-share'),
      maxValidationRows: number(options, 'max-valid-rows'),
      rowSeed: number(options, 'row-seed'),
    }),
  };
  if (madeFor !== undefined) assertNamed(madeFor, model, data);
  const method = methodFrom(objectOf(file['method']), options);
  const known = methodSchema.safeParse(method);
  const learningRate = known.success ? { learningRate: startingLearningRate(known.data) } : {};
  return validated(trainConfigSchema, { ...learningRate, ...file, ...given, data, method }, optionNames);
}

/**
 * Settings that were exported hold no paths: what they were made for has to be named on this computer.
 * @throws AppError USAGE
 */
function assertNamed(
  madeFor: MadeFor,
  model: string | undefined,
  data: { readonly path?: unknown; readonly validationPath?: unknown; readonly validationShare?: unknown },
): void {
  const made = (what: string, of: string): string => `is missing: the settings were made for the ${what} ${of}; name`;
  if (model === undefined) throw new AppError('USAGE', `MODEL ${made('model', madeFor.model)} it, or another one.`);
  if (data.path === undefined) throw new AppError('USAGE', `--data ${made('file', madeFor.data)} it, or another one.`);
  if (madeFor.validation !== undefined && data.validationPath === undefined) {
    throw new AppError(
      'USAGE',
      `--valid ${made('validation rows in', madeFor.validation)} them; to hold rows of --data out instead, take "validationFile" out of the file.`,
    );
  }
}
