/** Fields of config.json that several families share, and how faults in them are said. */
import { z } from 'zod';
import { AppError } from '../../util/appError.ts';
import type { JsonObject } from '../jsonFile.ts';
import type { Activation } from '../types.ts';

/** A count of at least one. The upper bound keeps products of two counts exact. */
export const count = z
  .int()
  .min(1)
  .max(2 ** 31);
export const epsilon = z.number().positive().max(1);
export const flag = z.boolean().nullish();

/** Fields of every decoder with rotary positions and RMS norms. */
export const rotaryDecoderFields = {
  hidden_size: count,
  intermediate_size: count,
  num_hidden_layers: count,
  num_attention_heads: count,
  num_key_value_heads: count.nullish(),
  head_dim: count.nullish(),
  vocab_size: count,
  max_position_embeddings: count,
  rms_norm_eps: epsilon,
  hidden_act: z.string().nullish(),
  tie_word_embeddings: flag,
} as const;

/**
 * The fields of a schema, or a sentence about the first fault.
 * @throws AppError CONFIG_INVALID
 */
export function parseConfig<Schema extends z.ZodType>(
  schema: Schema,
  config: JsonObject,
  place: string,
): z.infer<Schema> {
  const result = schema.safeParse(config);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw configInvalid(place, issue === undefined ? 'is not valid' : describeIssue(issue, config));
}

function describeIssue(issue: z.core.$ZodIssue, config: JsonObject): string {
  const name = issue.path.join('.');
  let value: unknown = config;
  for (const key of issue.path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[key];
  if (value === undefined) return `has no ${name}, which is needed`;
  const found = `found ${JSON.stringify(value)}`;
  if (issue.code === 'too_small') {
    return `is not valid: ${name} must be ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum} (${found})`;
  }
  if (issue.code === 'too_big') return `is not valid: ${name} must be at most ${issue.maximum} (${found})`;
  if (issue.code === 'invalid_type') {
    const wanted: Readonly<Record<string, string>> = {
      int: 'a whole number',
      number: 'a number',
      boolean: 'true or false',
    };
    return `is not valid: ${name} must be ${wanted[issue.expected] ?? `of type ${issue.expected}`} (${found})`;
  }
  return `is not valid: ${name} (${found})`;
}

export function configInvalid(place: string, fault: string): AppError {
  return new AppError('CONFIG_INVALID', `${place} ${fault}; take the file from the model’s source again.`);
}

export function variantUnsupported(place: string, what: string): AppError {
  return new AppError(
    'FAMILY_UNSUPPORTED',
    `${place} asks for ${what}, which cannot be trained here; choose another model. Its spectra can still be analysed.`,
  );
}

const activations: Readonly<Record<string, Activation>> = {
  silu: 'silu',
  swish: 'silu',
  gelu: 'gelu',
  gelu_new: 'gelu-tanh',
  gelu_fast: 'gelu-tanh',
  gelu_pytorch_tanh: 'gelu-tanh',
};

/** @throws AppError FAMILY_UNSUPPORTED */
export function activationOf(name: string, place: string): Activation {
  const activation = Object.hasOwn(activations, name) ? activations[name] : undefined;
  if (activation === undefined) throw variantUnsupported(place, `the activation "${name}"`);
  return activation;
}

interface HeadFields {
  readonly hidden_size: number;
  readonly num_attention_heads: number;
  readonly num_key_value_heads?: number | null | undefined;
  readonly head_dim?: number | null | undefined;
}

export interface HeadLayout {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
}

/** @throws AppError CONFIG_INVALID when the heads do not divide what they must */
export function headLayout(fields: HeadFields, place: string): HeadLayout {
  const heads = fields.num_attention_heads;
  const kvHeads = fields.num_key_value_heads ?? heads;
  if (heads % kvHeads !== 0) {
    throw configInvalid(
      place,
      `is not valid: num_key_value_heads ${kvHeads} does not divide num_attention_heads ${heads}`,
    );
  }
  const headDim = fields.head_dim ?? fields.hidden_size / heads;
  if (!Number.isInteger(headDim)) {
    throw configInvalid(
      place,
      `is not valid: num_attention_heads ${heads} does not divide hidden_size ${fields.hidden_size}, and there is no head_dim`,
    );
  }
  if (headDim % 2 !== 0) {
    throw configInvalid(place, `is not valid: heads of odd size ${headDim} cannot have rotary positions`);
  }
  return { heads, kvHeads, headDim };
}
