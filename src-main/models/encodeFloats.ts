import { AppError } from '../util/appError.ts';
import { floatToBfloat, floatToHalf } from './halfFloats.ts';

/** Float types that weights are written in; values are rounded to nearest, ties to even. */
export type WrittenFloat = 'F32' | 'F16' | 'BF16';

/**
 * The bytes of values in a float type; for F32 a view of the values themselves.
 * @param what how an error calls the tensor
 * @throws AppError TENSOR_INVALID when a finite value does not fit the type
 */
export function encodeFloats(values: Float32Array, type: WrittenFloat, what: string): Uint8Array {
  if (type === 'F32') return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const bits = type === 'F16' ? floatToHalf(values) : floatToBfloat(values);
  const infinite = type === 'F16' ? 0x7c00 : 0x7f80;
  for (let i = 0; i < bits.length; i++) {
    if (((bits[i] ?? 0) & 0x7fff) !== infinite || !Number.isFinite(values[i])) continue;
    throw new AppError(
      'TENSOR_INVALID',
      `The value ${values[i]} of ${what} does not fit ${type}; choose another type.`,
    );
  }
  return new Uint8Array(bits.buffer);
}
