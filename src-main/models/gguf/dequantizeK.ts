/** The formats with super-blocks of 256 values. Source of the layouts: ggml-common.h and ggml-quants.c. */
import type { StoredType } from '../types.ts';
import { halfToFloatTable } from '../halfFloats.ts';
import { iq4Levels } from './iq4Levels.ts';
import { blockOf } from './tensorTypes.ts';

type BlockFunction = (source: Uint8Array, at: number, target: Float32Array, to: number) => void;

/** @throws RangeError for a type without super-blocks */
export function dequantizeK(type: StoredType, source: Uint8Array, blocks: number, target: Float32Array): void {
  const one = blockFunctions[type];
  if (one === undefined) throw new RangeError(`${type} has no super-blocks.`);
  const { bytes, values } = blockOf(type);
  for (let block = 0; block < blocks; block++) one(source, block * bytes, target, block * values);
}

const blockFunctions: Partial<Record<StoredType, BlockFunction>> = {
  Q2_K: q2Block,
  Q3_K: q3Block,
  Q4_K: q4Block,
  Q5_K: q5Block,
  Q6_K: q6Block,
  IQ4_XS: iq4XsBlock,
};

/** scales[16] (4-bit scale, 4-bit minimum), quants[64], d, dmin. */
function q2Block(source: Uint8Array, at: number, target: Float32Array, to: number): void {
  const d = half(source, at + 80);
  const minimum = half(source, at + 82);
  for (let group = 0; group < 16; group++) {
    const scale = byte(source, at + group);
    const low = d * (scale & 15);
    const offset = minimum * (scale >> 4);
    const { first, shift } = twoBitPlace(group);
    for (let i = 0; i < 16; i++) {
      const q = (byte(source, at + 16 + first + i) >> shift) & 3;
      target[to + 16 * group + i] = low * q - offset;
    }
  }
}

/** high bits[32], quants[64], scales[12] (16 of 6 bits), d. */
function q3Block(source: Uint8Array, at: number, target: Float32Array, to: number): void {
  const d = half(source, at + 108);
  for (let group = 0; group < 16; group++) {
    const packed = byte(source, at + 96 + (group & 7));
    const low = group < 8 ? packed & 15 : packed >> 4;
    const high = (byte(source, at + 104 + (group & 3)) >> (2 * (group >> 2))) & 3;
    const scale = d * ((low | (high << 4)) - 32);
    const { first, shift } = twoBitPlace(group);
    const highMask = 1 << (group >> 1);
    for (let i = 0; i < 16; i++) {
      const q = (byte(source, at + 32 + first + i) >> shift) & 3;
      const lowered = (byte(source, at + (first & 16) + i) & highMask) === 0 ? q - 4 : q;
      target[to + 16 * group + i] = scale * lowered;
    }
  }
}

/** Group g of 16 values: bytes 32·⌊g/8⌋ + 16·(g mod 2) …, bits 2·(⌊g/2⌋ mod 4). */
function twoBitPlace(group: number): { first: number; shift: number } {
  return { first: 32 * (group >> 3) + 16 * (group & 1), shift: 2 * ((group >> 1) & 3) };
}

/** Scale and minimum number j of 8, six bits each, packed in 12 bytes. */
function scaleAndMinimum(source: Uint8Array, at: number, j: number): { scale: number; minimum: number } {
  if (j < 4) return { scale: byte(source, at + j) & 63, minimum: byte(source, at + j + 4) & 63 };
  const packed = byte(source, at + j + 4);
  return {
    scale: (packed & 15) | ((byte(source, at + j - 4) >> 6) << 4),
    minimum: (packed >> 4) | ((byte(source, at + j) >> 6) << 4),
  };
}

/** d, dmin, scales[12], quants[128]. */
function q4Block(source: Uint8Array, at: number, target: Float32Array, to: number): void {
  const d = half(source, at);
  const dmin = half(source, at + 2);
  for (let group = 0; group < 8; group++) {
    const { scale, minimum } = scaleAndMinimum(source, at + 4, group);
    const first = at + 16 + 32 * (group >> 1);
    const shift = 4 * (group & 1);
    for (let i = 0; i < 32; i++) {
      target[to + 32 * group + i] = d * scale * ((byte(source, first + i) >> shift) & 15) - dmin * minimum;
    }
  }
}

/** d, dmin, scales[12], fifth bits[32], quants[128]. */
function q5Block(source: Uint8Array, at: number, target: Float32Array, to: number): void {
  const d = half(source, at);
  const dmin = half(source, at + 2);
  for (let group = 0; group < 8; group++) {
    const { scale, minimum } = scaleAndMinimum(source, at + 4, group);
    const first = at + 48 + 32 * (group >> 1);
    const shift = 4 * (group & 1);
    for (let i = 0; i < 32; i++) {
      const fifth = (byte(source, at + 16 + i) >> group) & 1;
      const q = ((byte(source, first + i) >> shift) & 15) | (fifth << 4);
      target[to + 32 * group + i] = d * scale * q - dmin * minimum;
    }
  }
}

/** low four bits[128], high two bits[64], signed scales[16], d. */
function q6Block(source: Uint8Array, at: number, target: Float32Array, to: number): void {
  const d = half(source, at + 208);
  for (let part = 0; part < 8; part++) {
    // 32 values each: four parts share 64 low and 32 high bytes.
    const lowFirst = at + 64 * (part >> 2) + 32 * (part & 1);
    const lowShift = 4 * ((part >> 1) & 1);
    const highFirst = at + 128 + 32 * (part >> 2);
    const highShift = 2 * (part & 3);
    for (let i = 0; i < 32; i++) {
      const low = (byte(source, lowFirst + i) >> lowShift) & 15;
      const high = (byte(source, highFirst + i) >> highShift) & 3;
      const scale = (byte(source, at + 192 + 2 * part + (i >> 4)) << 24) >> 24;
      target[to + 32 * part + i] = d * scale * ((low | (high << 4)) - 32);
    }
  }
}

/** d, high scale bits (16), low scale bits[4], quants[128]. */
function iq4XsBlock(source: Uint8Array, at: number, target: Float32Array, to: number): void {
  const d = half(source, at);
  const highScales = byte(source, at + 2) | (byte(source, at + 3) << 8);
  for (let group = 0; group < 8; group++) {
    const low = (byte(source, at + 4 + (group >> 1)) >> (4 * (group & 1))) & 15;
    const scale = d * ((low | (((highScales >> (2 * group)) & 3) << 4)) - 32);
    for (let i = 0; i < 16; i++) {
      const q = byte(source, at + 8 + 16 * group + i);
      target[to + 32 * group + i] = scale * (iq4Levels[q & 15] ?? 0);
      target[to + 32 * group + 16 + i] = scale * (iq4Levels[q >> 4] ?? 0);
    }
  }
}

function half(source: Uint8Array, at: number): number {
  return halfToFloatTable()[byte(source, at) | (byte(source, at + 1) << 8)] ?? 0;
}

function byte(source: Uint8Array, at: number): number {
  return source[at] ?? 0;
}
