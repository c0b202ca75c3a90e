/** Sliding windows of attention as config.json states them. */
import { z } from 'zod';
import { configInvalid, count } from './configFields.ts';

export const windowFields = {
  sliding_window: count.nullish(),
  /** `sliding_attention` or `full_attention` for each layer (transformers 5). */
  layer_types: z.array(z.string()).nullish(),
} as const;

interface WindowFields {
  readonly sliding_window?: number | null | undefined;
  readonly layer_types?: readonly string[] | null | undefined;
}

/**
 * Whether each layer has a window, where the file says so layer by layer.
 * @throws AppError CONFIG_INVALID when the list has another length than there are layers
 */
export function layerTypes(fields: WindowFields, layers: number, place: string): readonly boolean[] | undefined {
  const types = fields.layer_types;
  if (types === null || types === undefined) return undefined;
  if (types.length !== layers) {
    throw configInvalid(place, `is not valid: layer_types has ${types.length} entries for ${layers} layers`);
  }
  return types.map((type) => type === 'sliding_attention');
}

/** Tokens that a token of the layer sees, itself included; undefined for all before it. */
export function windowOf(fields: WindowFields, slides: boolean): number | undefined {
  return slides ? (fields.sliding_window ?? undefined) : undefined;
}
