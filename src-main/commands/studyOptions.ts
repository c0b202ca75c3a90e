import { methodSchema } from '../contract/methods.schema.ts';
import { studySchema, type Study } from '../contract/studies.schema.ts';
import { studyTitles, type StudyName } from '../contract/studies.ts';
import { AppError } from '../util/appError.ts';
import { rankRuleFrom } from './analyze.ts';
import type { OptionSpec, OptionValues } from './command.ts';
import { configFile, objectOf } from './configFile.ts';
import { dataConfigFrom, dataOptions } from './dataOptions.ts';
import { methodFrom, methodOptions } from './methodOptions.ts';
import { number, numbers, targets, text, validated, wholeNumbers, withoutUndefined } from './optionValues.ts';
import { trainOptions } from './trainOptions.ts';

const { valid, steps, schedule } = trainOptions;

/** The options of studies; each study takes some of them. */
export const studyOptions: Readonly<Record<string, OptionSpec>> = {
  config: {
    type: 'string',
    value: 'FILE',
    description: 'JSON file with the settings of the study; options override it.',
  },
  ...methodOptions,
  thresholds: { type: 'string', value: 'LIST', description: 'threshold, scaling: values of m, e.g. 0.01,0.05,0.1.' },
  'probe-thresholds': { type: 'string', value: 'LIST', description: 'threshold: those that are probed (default all).' },
  matrix: { type: 'string', value: 'NAME', description: 'overview: module path of the matrix.' },
  layers: {
    type: 'string',
    value: 'NUMBERS',
    description: 'heads, merged, QVmerged: layers, e.g. 0,4-6 (default all).',
  },
  unit: { type: 'string', value: 'layer|matrix', description: 'relation: what is adapted at a time (default layer).' },
  fractions: {
    type: 'string',
    value: 'LIST',
    description: 'robustness: shares of the training rows (default 0.25,1).',
  },
  seeds: { type: 'string', value: 'NUMBERS', description: 'Seeds, e.g. 0-2.' },
  lr: { type: 'string', value: 'LIST', description: 'Learning rates; relation takes one.' },
  ...dataOptions,
  ...(valid === undefined ? {} : { valid }),
  'valid-share': {
    type: 'string',
    value: 'X',
    description: 'Share of the rows held out where --valid is not given (default 0.1).',
  },
  'max-valid-rows': { type: 'string', value: 'N', description: 'Use at most N validation rows.' },
  ...(steps === undefined ? {} : { steps: { ...steps, description: 'Optimizer steps of a probe (default 24).' } }),
  'batch-size': { type: 'string', value: 'N', description: 'Rows per step (default 8).' },
  'seq-len': { type: 'string', value: 'N', description: 'Longest row in tokens (default 512).' },
  ...(schedule === undefined ? {} : { schedule }),
  'warmup-steps': { type: 'string', value: 'N', description: 'Steps of linear warm-up (default 0).' },
};

/** For each place in a study’s settings the option that sets it. */
const optionNames: Readonly<Record<string, string>> = {
  model: 'MODEL',
  models: 'MODEL',
  targets: '--targets',
  thresholds: '--thresholds',
  probeThresholds: '--probe-thresholds',
  matrix: '--matrix',
  layers: '--layers',
  unit: '--unit',
  fractions: '--fractions',
  seeds: '--seeds',
  learningRates: '--lr',
  learningRate: '--lr',
  probe: '--data',
  'probe.data': '--data',
  'probe.data.path': '--data',
  'probe.data.validationPath': '--valid',
  'probe.data.validationShare': '--valid-share',
  'probe.data.template': '--template',
  'probe.steps': '--steps',
  'probe.batchSize': '--batch-size',
  'probe.sequenceLength': '--seq-len',
  'rule.threshold': '--threshold',
  'method.threshold': '--threshold',
  methods: '--config',
};

/** The study of a name, whatever its case. @throws AppError USAGE */
export function studyNameFrom(given: string | undefined): StudyName {
  const names = Object.keys(studyTitles) as StudyName[];
  const found = names.find((name) => name.toLowerCase() === given?.toLowerCase());
  if (found !== undefined) return found;
  throw new AppError('USAGE', `There is no study "${given ?? ''}"; the studies are ${names.join(', ')}.`);
}

/**
 * The settings of a study from `--config` and options, defaults filled in.
 * @param onSkipped told of each method of an ablation that this version does not have
 * @throws AppError USAGE naming the option; FILE_NOT_FOUND, SETTINGS_INVALID for the configuration file
 */
export async function studyFrom(
  name: StudyName,
  models: readonly string[],
  options: OptionValues,
  onSkipped: (label: string) => void,
): Promise<Study> {
  const file = await configFile(text(options, 'config'));
  const { shape } = studySchema.options.find((option) => option.shape.study.value === name) ?? { shape: {} };
  const rates = numbers(options, 'lr');
  const given = withoutUndefined({
    thresholds: numbers(options, 'thresholds'),
    probeThresholds: numbers(options, 'probe-thresholds'),
    matrix: text(options, 'matrix'),
    layers: wholeNumbers(options, 'layers'),
    unit: text(options, 'unit'),
    fractions: numbers(options, 'fractions'),
    seeds: wholeNumbers(options, 'seeds'),
    targets: targets(options),
    ...('learningRate' in shape ? { learningRate: rates?.length === 1 ? rates[0] : rates } : { learningRates: rates }),
    probe: probeFrom(objectOf(file['probe']), options),
    ...('method' in shape ? { method: methodFrom(objectOf(file['method']), options) } : {}),
    ...('rule' in shape ? { rule: { ...objectOf(file['rule']), ...rankRuleFrom(options) } } : {}),
  });
  const foreign = Object.keys(given).find((key) => !(key in shape));
  if (foreign !== undefined) {
    throw new AppError(
      'USAGE',
      `${optionNames[foreign] ?? foreign} is not a setting of the study ${name}; leave it out.`,
    );
  }
  const [model] = models;
  const whole = {
    ...file,
    ...('methods' in file ? { methods: knownMethods(file['methods'], onSkipped) } : {}),
    ...given,
    study: name,
    ...('models' in shape ? { models } : { model }),
  };
  return validated(studySchema, whole, optionNames);
}

/** Undefined where neither options nor file ask for probes. */
function probeFrom(fromFile: Readonly<Record<string, unknown>>, options: OptionValues): unknown {
  const data = {
    ...dataConfigFrom(options),
    ...withoutUndefined({
      validationPath: text(options, 'valid'),
      validationShare: number(options, 'valid-share'),
      maxValidationRows: number(options, 'max-valid-rows'),
    }),
  };
  const settings = withoutUndefined({
    steps: number(options, 'steps'),
    batchSize: number(options, 'batch-size'),
    sequenceLength: number(options, 'seq-len'),
    schedule: text(options, 'schedule'),
    warmupSteps: number(options, 'warmup-steps'),
  });
  const nothing = [data, settings, fromFile].every((part) => Object.keys(part).length === 0);
  return nothing ? undefined : { ...fromFile, ...settings, data: { ...objectOf(fromFile['data']), ...data } };
}

/** A plan may name methods of other versions: those are left out, and told. */
function knownMethods(methods: unknown, onSkipped: (label: string) => void): unknown {
  if (!Array.isArray(methods)) return methods;
  const names = new Set<unknown>(methodSchema.options.map(({ shape }) => shape.name.value));
  return methods.filter((entry: unknown) => {
    const { label, method } = objectOf(entry);
    const known = names.has(objectOf(method)['name']);
    if (!known) onSkipped(String(label));
    return known;
  });
}
