/** Single numbers as binary16, as the scales of blocks are stored. */
import { floatToHalf, halfToFloat } from '../halfFloats.ts';

const single = new Float32Array(1);

/** The bits of a number as binary16 and the value they stand for. */
export function asHalf(value: number): { readonly bits: number; readonly value: number } {
  single[0] = value;
  const bits = floatToHalf(single);
  return { bits: bits[0] ?? 0, value: halfToFloat(bits)[0] ?? 0 };
}

/** Two bytes, little-endian. */
export function putBits(target: Uint8Array, at: number, bits: number): void {
  target[at] = bits & 0xff;
  target[at + 1] = bits >> 8;
}
