/**
 * Block formats of ggml to float32. Every function turns `blocks` blocks at the start of `source` into values. The
 * products of scales and quants are exact in double precision, so each value is rounded once, as in the reference.
 * Source of the layouts: ggml-common.h and ggml-quants.c.
 */
import type { StoredType } from '../types.ts';
import { bfloatToFloat, halfToFloat, halfToFloatTable } from '../halfFloats.ts';
import { dequantizeK } from './dequantizeK.ts';
import { iq4Levels } from './iq4Levels.ts';
import { blockOf } from './tensorTypes.ts';

/**
 * @param source whole blocks; its start must be aligned for float types
 * @param target one place for each value
 */
export function dequantize(type: StoredType, source: Uint8Array, target: Float32Array): void {
  const { values, bytes } = blockOf(type);
  const blocks = target.length / values;
  if (!Number.isInteger(blocks) || source.length !== blocks * bytes) {
    throw new RangeError(`${source.length} bytes of ${type} do not hold ${target.length} values.`);
  }
  switch (type) {
    case 'F32':
      target.set(new Float32Array(source.buffer, source.byteOffset, target.length));
      break;
    case 'F64':
      target.set(new Float64Array(source.buffer, source.byteOffset, target.length));
      break;
    case 'F16':
      halfToFloat(new Uint16Array(source.buffer, source.byteOffset, target.length), target);
      break;
    case 'BF16':
      bfloatToFloat(new Uint16Array(source.buffer, source.byteOffset, target.length), target);
      break;
    case 'Q4_0':
      dequantizeQ4(source, blocks, target, false);
      break;
    case 'Q4_1':
      dequantizeQ4(source, blocks, target, true);
      break;
    case 'Q5_0':
      dequantizeQ5(source, blocks, target, false);
      break;
    case 'Q5_1':
      dequantizeQ5(source, blocks, target, true);
      break;
    case 'Q8_0':
      dequantizeQ8(source, blocks, target);
      break;
    case 'IQ4_NL':
      dequantizeIq4Nl(source, blocks, target);
      break;
    default:
      dequantizeK(type, source, blocks, target);
  }
}

/** d · (q − 8), or with a minimum d · q + m: 16 bytes hold values 0–15 in their low and 16–31 in their high halves. */
function dequantizeQ4(source: Uint8Array, blocks: number, target: Float32Array, withMinimum: boolean): void {
  const half = halfToFloatTable();
  const quants = withMinimum ? 4 : 2;
  for (let block = 0, at = 0, to = 0; block < blocks; block++, at += quants + 16, to += 32) {
    const d = half[byte(source, at) | (byte(source, at + 1) << 8)] ?? 0;
    const m = withMinimum ? (half[byte(source, at + 2) | (byte(source, at + 3) << 8)] ?? 0) : -8 * d;
    for (let i = 0; i < 16; i++) {
      const q = byte(source, at + quants + i);
      target[to + i] = d * (q & 15) + m;
      target[to + 16 + i] = d * (q >> 4) + m;
    }
  }
}

/** As {@link dequantizeQ4} with a fifth bit of each value in a 32-bit word. */
function dequantizeQ5(source: Uint8Array, blocks: number, target: Float32Array, withMinimum: boolean): void {
  const half = halfToFloatTable();
  const high = withMinimum ? 4 : 2;
  for (let block = 0, at = 0, to = 0; block < blocks; block++, at += high + 20, to += 32) {
    const d = half[byte(source, at) | (byte(source, at + 1) << 8)] ?? 0;
    const m = withMinimum ? (half[byte(source, at + 2) | (byte(source, at + 3) << 8)] ?? 0) : -16 * d;
    let fifth = 0;
    for (let i = 0; i < 4; i++) fifth |= byte(source, at + high + i) << (8 * i);
    for (let i = 0; i < 16; i++) {
      const q = byte(source, at + high + 4 + i);
      target[to + i] = d * ((q & 15) | (((fifth >>> i) & 1) << 4)) + m;
      target[to + 16 + i] = d * ((q >> 4) | (((fifth >>> (i + 16)) & 1) << 4)) + m;
    }
  }
}

/** d · q with signed bytes. */
function dequantizeQ8(source: Uint8Array, blocks: number, target: Float32Array): void {
  const half = halfToFloatTable();
  for (let block = 0, at = 0, to = 0; block < blocks; block++, at += 34, to += 32) {
    const d = half[byte(source, at) | (byte(source, at + 1) << 8)] ?? 0;
    for (let i = 0; i < 32; i++) target[to + i] = d * ((byte(source, at + 2 + i) << 24) >> 24);
  }
}

function dequantizeIq4Nl(source: Uint8Array, blocks: number, target: Float32Array): void {
  const half = halfToFloatTable();
  for (let block = 0, at = 0, to = 0; block < blocks; block++, at += 18, to += 32) {
    const d = half[byte(source, at) | (byte(source, at + 1) << 8)] ?? 0;
    for (let i = 0; i < 16; i++) {
      const q = byte(source, at + 2 + i);
      target[to + i] = d * (iq4Levels[q & 15] ?? 0);
      target[to + 16 + i] = d * (iq4Levels[q >> 4] ?? 0);
    }
  }
}

function byte(source: Uint8Array, at: number): number {
  return source[at] ?? 0;
}
