import type { FloatTypeName } from '../contract/exportFormats.ts';
import type { ModelSummary } from '../contract/model.ts';
import type { WrittenFloat } from '../models/encodeFloats.ts';

const byName = { f32: 'F32', f16: 'F16', bf16: 'BF16' } as const;
const inConfig = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' } as const;

/** A type by the name that requests use. */
export function floatType(name: FloatTypeName): WrittenFloat {
  return byName[name];
}

/** The type asked for; else the base model’s own, and float32 for a quantised base, whose values have no shorter exact form. */
export function writtenType(asked: FloatTypeName | undefined, base: ModelSummary): WrittenFloat {
  if (asked !== undefined) return floatType(asked);
  const own = base.dtypes[0];
  return own === 'F16' || own === 'BF16' ? own : 'F32';
}

/**
 * config.json of a model whose weights are all of one type. Transformers 4 reads `torch_dtype`, 5 reads `dtype`; the
 * key that the base had is kept, and a base with neither gets the older one, which both read.
 */
export function configWithType(config: Readonly<Record<string, unknown>>, type: WrittenFloat): Record<string, unknown> {
  const name = inConfig[type];
  return {
    ...config,
    ...('dtype' in config ? { dtype: name } : {}),
    ...('torch_dtype' in config || !('dtype' in config) ? { torch_dtype: name } : {}),
  };
}
