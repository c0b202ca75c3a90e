/** Rotary positions as config.json states them: `rope_parameters` (transformers 5) or `rope_theta` and `rope_scaling` (4). */
import { z } from 'zod';
import type { RopeSpec } from '../types.ts';
import { configInvalid, count, variantUnsupported } from './configFields.ts';

const positive = z.number().positive();

const ropeParameters = z.object({
  rope_type: z.string().nullish(),
  /** Old name of rope_type. */
  type: z.string().nullish(),
  rope_theta: positive.nullish(),
  partial_rotary_factor: positive.max(1).nullish(),
  factor: positive.nullish(),
  low_freq_factor: positive.nullish(),
  high_freq_factor: positive.nullish(),
  original_max_position_embeddings: count.nullish(),
});

export type RopeParameters = z.infer<typeof ropeParameters>;

/** Fields of a config.json with one kind of rotary positions for all layers. */
export const ropeFields = {
  rope_theta: positive.nullish(),
  rope_scaling: ropeParameters.nullish(),
  rope_parameters: ropeParameters.nullish(),
  partial_rotary_factor: positive.max(1).nullish(),
} as const;

/** Fields of a config.json with rotary positions per kind of layer (Gemma 3). */
export const layeredRopeFields = {
  rope_theta: positive.nullish(),
  rope_local_base_freq: positive.nullish(),
  rope_scaling: ropeParameters.nullish(),
  rope_parameters: z
    .object({ full_attention: ropeParameters.nullish(), sliding_attention: ropeParameters.nullish() })
    .nullish(),
} as const;

export interface RopeFields {
  readonly rope_theta?: number | null | undefined;
  readonly rope_scaling?: RopeParameters | null | undefined;
  readonly rope_parameters?: RopeParameters | null | undefined;
  readonly partial_rotary_factor?: number | null | undefined;
}

/**
 * @param defaultTheta the family's base where the file states none
 * @throws AppError CONFIG_INVALID; FAMILY_UNSUPPORTED for a kind of scaling without forward pass
 */
export function ropeOf(fields: RopeFields, headDim: number, defaultTheta: number, place: string): RopeSpec {
  const theta = fields.rope_parameters?.rope_theta ?? fields.rope_theta ?? defaultTheta;
  const part = fields.rope_parameters?.partial_rotary_factor ?? fields.partial_rotary_factor ?? 1;
  const dimensions = Math.trunc(headDim * part);
  if (dimensions % 2 !== 0 || dimensions === 0) {
    throw configInvalid(place, `is not valid: ${dimensions} rotary dimensions of a head; their number must be even`);
  }
  return { theta, dimensions, scaling: scalingOf(fields.rope_parameters ?? fields.rope_scaling ?? {}, place) };
}

function scalingOf(parameters: RopeParameters, place: string): RopeSpec['scaling'] {
  const type = parameters.rope_type ?? parameters.type ?? 'default';
  switch (type) {
    // Dynamic scaling begins beyond max_position_embeddings, which is as far as a context goes here.
    case 'default':
    case 'dynamic':
      return { type: 'none' };
    case 'linear':
      return { type: 'linear', factor: needed(parameters.factor, 'factor', place) };
    case 'llama3':
      return {
        type: 'llama3',
        factor: needed(parameters.factor, 'factor', place),
        lowFrequencyFactor: needed(parameters.low_freq_factor, 'low_freq_factor', place),
        highFrequencyFactor: needed(parameters.high_freq_factor, 'high_freq_factor', place),
        originalContext: needed(parameters.original_max_position_embeddings, 'original_max_position_embeddings', place),
      };
    default:
      throw variantUnsupported(place, `the rotary position scaling "${type}"`);
  }
}

function needed(value: number | null | undefined, name: string, place: string): number {
  if (value === null || value === undefined)
    throw configInvalid(place, `has no ${name} for its rotary position scaling`);
  return value;
}
