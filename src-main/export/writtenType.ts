import type { FloatTypeName } from '../contract/exportFormats.ts';
import type { ModelSummary } from '../contract/model.ts';
import type { WrittenFloat } from '../models/encodeFloats.ts';

const byName = { f32: 'F32', f16: 'F16', bf16: 'BF16' } as const;

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
