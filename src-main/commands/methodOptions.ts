import { methodSchema } from '../contract/methods.schema.ts';
import { AppError } from '../util/appError.ts';
import { rankOptions, rankRuleFrom } from './analyze.ts';
import type { OptionSpec, OptionValues } from './command.ts';
import { flag, number, text, withoutUndefined } from './optionValues.ts';

interface MethodOption {
  /** The setting it stands for. */
  readonly key: string;
  readonly type: 'number' | 'text' | 'flag';
  readonly value?: string;
  readonly description: string;
}

/** One option for each setting that is not of the rank rule, whatever methods have it. */
const settings: Readonly<Record<string, MethodOption>> = {
  init: {
    key: 'init',
    type: 'text',
    value: 'NAME',
    description: 'SARA: zero-b, zero-lambda, svd or raw-lambda (default zero-b).',
  },
  scaling: {
    key: 'scaling',
    type: 'number',
    value: 'C',
    description: 'SARA, Mo-SARA: factor of the adapter (default 1).',
  },
  'lambda-lr-multiplier': {
    key: 'lambdaLearningRateMultiplier',
    type: 'number',
    value: 'X',
    description: 'SARA: learning rate of the singular values, times the learning rate (default 1).',
  },
  sets: {
    key: 'sets',
    type: 'number',
    value: 'N',
    description: 'Mo-SARA: sets of singular values that the router mixes (default 5).',
  },
  router: {
    key: 'router',
    type: 'text',
    value: 'rank1|linear',
    description: 'Mo-SARA: form of the router (default rank1).',
  },
  output: {
    key: 'output',
    type: 'text',
    value: 'vector|none',
    description: 'Mo-SARA: whether a vector over the outputs is trained too (default vector).',
  },
  rank: { key: 'rank', type: 'number', value: 'R', description: 'LoRA, DoRA, PiSSA: rank (default 8).' },
  alpha: {
    key: 'alpha',
    type: 'number',
    value: 'A',
    description: 'LoRA and its relatives: scaling is alpha / rank (default 16; PiSSA: the rank).',
  },
  'rank-stabilized': {
    key: 'rankStabilized',
    type: 'flag',
    description: 'LoRA and its relatives: scaling is alpha / √rank (rsLoRA).',
  },
  scope: {
    key: 'scope',
    type: 'text',
    value: 'NAME',
    description: 'Full fine-tuning of: all, without-embeddings or matrices (default all).',
  },
  'initial-rank': {
    key: 'initialRank',
    type: 'number',
    value: 'R',
    description: 'AdaLoRA: rank of every matrix at the start (default 12).',
  },
  'target-rank': {
    key: 'targetRank',
    type: 'number',
    value: 'R',
    description: 'AdaLoRA: mean rank of a matrix at the end (default 8).',
  },
  tinit: {
    key: 'tinit',
    type: 'number',
    value: 'N',
    description: 'AdaLoRA: steps before the first rank is taken away (default a tenth of them).',
  },
  tfinal: {
    key: 'tfinal',
    type: 'number',
    value: 'N',
    description: 'AdaLoRA: steps at the end with the ranks as they are (default a fifth of them).',
  },
  'delta-t': {
    key: 'deltaT',
    type: 'number',
    value: 'N',
    description: 'AdaLoRA: steps between two changes of the ranks (default 1).',
  },
  beta1: {
    key: 'beta1',
    type: 'number',
    value: 'X',
    description: 'AdaLoRA: smoothing of the importance of a value (default 0.85).',
  },
  beta2: {
    key: 'beta2',
    type: 'number',
    value: 'X',
    description: 'AdaLoRA: smoothing of how much the importance wavers (default 0.85).',
  },
  'orthogonal-weight': {
    key: 'orthogonalWeight',
    type: 'number',
    value: 'X',
    description: 'AdaLoRA: weight of the penalty on vectors that are not orthogonal (default 0.5).',
  },
  dropout: { key: 'dropout', type: 'number', value: 'P', description: 'Dropout on the adapter’s input (default 0).' },
};

const budgetOption: OptionSpec = {
  type: 'string',
  value: 'M',
  description: 'LoRA: the rank whose parameters are as many as SARA’s at threshold M, in place of --rank.',
};

const names = methodSchema.options.map(({ shape }) => shape.name.value);

/** The options that choose a method and set it. */
export const methodOptions: Readonly<Record<string, OptionSpec>> = {
  method: { type: 'string', value: 'NAME', description: `${names.join(', ')} (default sara).` },
  ...rankOptions,
  ...Object.fromEntries(
    Object.entries(settings).map(([option, { type, value, description }]): [string, OptionSpec] => [
      option,
      {
        type: type === 'flag' ? 'boolean' : 'string',
        ...(value === undefined ? {} : { value }),
        description,
      },
    ]),
  ),
  budget: budgetOption,
};

/** For each place in a method’s settings the option that sets it. */
export const methodOptionNames: Readonly<Record<string, string>> = {
  'method.name': '--method',
  ...Object.fromEntries(
    ['threshold', 'measure', 'granularity', 'floor', 'cap'].flatMap((key) => [
      [`method.${key}`, `--${key}`],
      [`method.budget.${key}`, key === 'threshold' ? '--budget' : `--${key}`],
    ]),
  ),
  ...Object.fromEntries(Object.entries(settings).map(([option, { key }]) => [`method.${key}`, `--${option}`])),
};

/**
 * The settings of the method that is asked for, not yet validated.
 * @param fromFile those of the configuration file; they count when they are of the same method
 * @throws AppError USAGE for an option that the method does not have
 */
export function methodFrom(
  fromFile: Readonly<Record<string, unknown>>,
  options: OptionValues,
): Record<string, unknown> {
  const named = fromFile['name'];
  const name = text(options, 'method') ?? (typeof named === 'string' ? named : 'sara');
  const kept = name === named ? fromFile : {};
  const given = givenSettings(options);
  const schema = methodSchema.options.find(({ shape }) => shape.name.value === name);
  if (!schema) return { ...kept, name, ...given };
  const foreign = Object.keys(given).find((key) => !(key in schema.shape));
  if (foreign !== undefined) {
    throw new AppError(
      'USAGE',
      `${methodOptionNames[`method.${foreign}`] ?? `--${foreign}`} is not a setting of the method ${schema.shape.name.value}; leave it out, or choose another method with --method.`,
    );
  }
  return { ...kept, name, ...given };
}

function givenSettings(options: OptionValues): Record<string, unknown> {
  const rule = rankRuleFrom(options);
  const budget = number(options, 'budget');
  const own = withoutUndefined(
    Object.fromEntries(
      Object.entries(settings).map(([option, { key, type }]) => [key, valueOf(options, option, type)]),
    ),
  );
  return { ...own, ...(budget === undefined ? rule : { budget: { ...rule, threshold: budget } }) };
}

function valueOf(options: OptionValues, option: string, type: MethodOption['type']): unknown {
  if (type === 'number') return number(options, option);
  if (type === 'text') return text(options, option);
  return flag(options, option) ? true : undefined;
}
