/**
 * Float32 to the block formats of ggml; the inverse of `dequantize.ts`. The formats without super-blocks give the bytes
 * of the reference (ggml-quants.c, `quantize_row_*_ref`), hence its arithmetic in single precision.
 */
import { encodeFloats } from '../encodeFloats.ts';
import { asHalf, putBits } from './halfScale.ts';
import { quantizeQ4K, quantizeQ5K, quantizeQ6K } from './quantizeK.ts';
import { blockOf } from './tensorTypes.ts';

/** Types that tensors are written in. */
export type GgufWrittenType = 'F32' | 'F16' | 'BF16' | 'Q8_0' | 'Q4_0' | 'Q5_0' | 'Q5_1' | 'Q4_K' | 'Q5_K' | 'Q6_K';

/**
 * @param values whole blocks
 * @param what how an error calls the tensor
 * @throws AppError TENSOR_INVALID when a value does not fit F16 or BF16
 */
export function quantize(type: GgufWrittenType, values: Float32Array, what: string): Uint8Array {
  if (type === 'F32' || type === 'F16' || type === 'BF16') return encodeFloats(values, type, what);
  const block = blockOf(type);
  const blocks = values.length / block.values;
  if (!Number.isInteger(blocks)) throw new RangeError(`${values.length} values are no whole blocks of ${type}.`);
  const target = new Uint8Array(blocks * block.bytes);
  const one = blockFunctions[type];
  for (let i = 0; i < blocks; i++) {
    one(values.subarray(i * block.values, (i + 1) * block.values), target.subarray(i * block.bytes));
  }
  return target;
}

type BlockFunction = (x: Float32Array, target: Uint8Array) => void;

const blockFunctions: Readonly<Record<Exclude<GgufWrittenType, 'F32' | 'F16' | 'BF16'>, BlockFunction>> = {
  Q8_0: quantizeQ8,
  Q4_0: quantizeQ4,
  Q5_0: quantizeQ5,
  Q5_1: quantizeQ5WithMinimum,
  Q4_K: quantizeQ4K,
  Q5_K: quantizeQ5K,
  Q6_K: quantizeQ6K,
};

/** 1 / d, where 0 stands for 1 / 0. */
function inverse(d: number): number {
  return d === 0 ? 0 : Math.fround(1 / d);
}

/** The value of largest magnitude, with its sign; the first of equal ones. */
function extreme(x: Float32Array): number {
  let found = 0;
  for (const value of x) if (Math.abs(value) > Math.abs(found)) found = value;
  return found;
}

/** d = max |x| / 127, q = x / d rounded half away from zero. */
function quantizeQ8(x: Float32Array, target: Uint8Array): void {
  const d = Math.fround(Math.abs(extreme(x)) / 127);
  const id = inverse(d);
  putBits(target, 0, asHalf(d).bits);
  for (let i = 0; i < 32; i++) {
    const scaled = Math.fround((x[i] ?? 0) * id);
    target[2 + i] = Math.sign(scaled) * Math.floor(Math.abs(scaled) + 0.5);
  }
}

/** d = extreme / −8, q = x / d + 8: the extreme itself becomes 0. */
function quantizeQ4(x: Float32Array, target: Uint8Array): void {
  const d = Math.fround(extreme(x) / -8);
  const id = inverse(d);
  putBits(target, 0, asHalf(d).bits);
  const level = (i: number): number => Math.min(15, Math.trunc(Math.fround(Math.fround((x[i] ?? 0) * id) + 8.5)));
  for (let i = 0; i < 16; i++) target[2 + i] = level(i) | (level(16 + i) << 4);
}

/** As {@link quantizeQ4} with 32 levels; the fifth bits lie in a word of their own. */
function quantizeQ5(x: Float32Array, target: Uint8Array): void {
  const d = Math.fround(extreme(x) / -16);
  const id = inverse(d);
  putBits(target, 0, asHalf(d).bits);
  const level = (i: number): number => Math.min(31, Math.trunc(Math.fround(Math.fround((x[i] ?? 0) * id) + 16.5)));
  packFive(level, target, 2);
}

/** d = (max − min) / 31, q = (x − min) / d. */
function quantizeQ5WithMinimum(x: Float32Array, target: Uint8Array): void {
  let minimum = Infinity;
  let maximum = -Infinity;
  for (const value of x) {
    minimum = Math.min(minimum, value);
    maximum = Math.max(maximum, value);
  }
  const d = Math.fround(Math.fround(maximum - minimum) / 31);
  const id = inverse(d);
  putBits(target, 0, asHalf(d).bits);
  putBits(target, 2, asHalf(minimum).bits);
  const level = (i: number): number =>
    Math.min(31, Math.trunc(Math.fround(Math.fround(Math.fround((x[i] ?? 0) - minimum) * id) + 0.5)));
  packFive(level, target, 4);
}

/** Four bytes of fifth bits, then the low halves: values 0–15 in the low and 16–31 in the high four bits. */
function packFive(level: (i: number) => number, target: Uint8Array, at: number): void {
  for (let i = 0; i < 16; i++) {
    const low = level(i);
    const high = level(16 + i);
    target[at + 4 + i] = (low & 15) | ((high & 15) << 4);
    target[at + (i >> 3)] = (target[at + (i >> 3)] ?? 0) | ((low >> 4) << (i & 7));
    target[at + 2 + (i >> 3)] = (target[at + 2 + (i >> 3)] ?? 0) | ((high >> 4) << (i & 7));
  }
}
