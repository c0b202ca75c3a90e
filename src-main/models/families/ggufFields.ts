/** Typed access to the metadata of a GGUF file. */
import { AppError } from '../../util/appError.ts';
import type { GgufMetadata, GgufValue } from '../gguf/header.ts';
import type { JsonObject } from '../jsonFile.ts';
import { variantUnsupported } from './configFields.ts';

export class GgufFields {
  readonly place: string;
  readonly architecture: string;
  readonly metadata: GgufMetadata;
  /** Names of the tensors in the file: some features show only there. */
  readonly tensors: { has(name: string): boolean };

  constructor(place: string, architecture: string, metadata: GgufMetadata, tensors: { has(name: string): boolean }) {
    this.place = place;
    this.architecture = architecture;
    this.metadata = metadata;
    this.tensors = tensors;
  }

  /** A key of the architecture, such as `block_count`; one value for all layers where the file gives one for each. */
  optionalNumber(key: string): number | undefined {
    const full = `${this.architecture}.${key}`;
    const value = this.metadata.get(full);
    if (value === undefined || typeof value === 'number') return value;
    if (isList(value)) {
      const [first] = value;
      if (typeof first === 'number' && value.every((item) => item === first)) return first;
      throw variantUnsupported(this.place, `layers that differ in ${key}`);
    }
    throw new AppError(
      'GGUF_INVALID',
      `${this.place} gives ${full} a value that is not a number; convert the file again.`,
    );
  }

  /** @throws AppError CONFIG_INVALID */
  number(key: string): number {
    const value = this.optionalNumber(key);
    if (value !== undefined) return value;
    throw new AppError('CONFIG_INVALID', `${this.place} has no ${this.architecture}.${key}; convert the file again.`);
  }

  optionalText(key: string): string | undefined {
    const value = this.metadata.get(key);
    return typeof value === 'string' ? value : undefined;
  }

  optionalFlag(key: string): boolean | undefined {
    const value = this.metadata.get(key);
    return typeof value === 'boolean' ? value : undefined;
  }

  optionalId(key: string): number | undefined {
    const value = this.metadata.get(key);
    return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : undefined;
  }
}

export function isList(value: GgufValue): value is readonly GgufValue[] {
  return Array.isArray(value);
}

/**
 * What config.json of a decoder with rotary positions holds.
 * @throws AppError CONFIG_INVALID, FAMILY_UNSUPPORTED
 */
export function rotaryConfig(fields: GgufFields, defaultTheta: number): JsonObject {
  const heads = fields.number('attention.head_count');
  const hiddenSize = fields.number('embedding_length');
  const headDim = fields.optionalNumber('attention.key_length') ?? hiddenSize / heads;
  const valueDim = fields.optionalNumber('attention.value_length') ?? headDim;
  if (valueDim !== headDim) throw variantUnsupported(fields.place, 'values of another size than keys');
  const rotated = fields.optionalNumber('rope.dimension_count') ?? headDim;
  return {
    hidden_size: hiddenSize,
    intermediate_size: fields.number('feed_forward_length'),
    num_hidden_layers: fields.number('block_count'),
    num_attention_heads: heads,
    num_key_value_heads: fields.optionalNumber('attention.head_count_kv') ?? heads,
    head_dim: headDim,
    max_position_embeddings: fields.number('context_length'),
    rms_norm_eps: roundFloat(fields.number('attention.layer_norm_rms_epsilon')),
    rope_theta: roundFloat(fields.optionalNumber('rope.freq_base') ?? defaultTheta),
    rope_scaling: ropeScaling(fields),
    ...(rotated === headDim ? {} : { partial_rotary_factor: rotated / headDim }),
  };
}

function ropeScaling(fields: GgufFields): JsonObject | null {
  const type = fields.optionalText(`${fields.architecture}.rope.scaling.type`) ?? 'none';
  if (type === 'none') return null;
  return { rope_type: type, factor: fields.number('rope.scaling.factor') };
}

/** The shortest decimal that is the same float32: 1e-5 instead of 0.000009999999747378752. */
export function roundFloat(value: number): number {
  for (let digits = 1; digits <= 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === Math.fround(value)) return rounded;
  }
  return value;
}
