import { describe, expect, it } from 'vitest';
import { bfloatToFloat, floatToBfloat, floatToHalf, halfToFloat } from '../../../src-main/models/halfFloats.ts';

function half(value: number): number {
  return floatToHalf(Float32Array.of(value))[0] ?? -1;
}

function bfloat(value: number): number {
  return floatToBfloat(Float32Array.of(value))[0] ?? -1;
}

describe('binary16', () => {
  it('survives float32 and back for every bit pattern', () => {
    const bits = Uint16Array.from({ length: 2 ** 16 }, (_, i) => i);
    const back = floatToHalf(halfToFloat(bits));
    const isNan = (pattern: number): boolean => (pattern & 0x7fff) > 0x7c00;
    const changed = bits.filter((pattern) => !isNan(pattern) && back[pattern] !== pattern);
    expect([...changed]).toEqual([]);
    expect(isNan(half(NaN))).toBe(true);
  });

  it('rounds to nearest, ties to even', () => {
    // 2048 is the first where whole numbers are two apart.
    expect(halfToFloat(floatToHalf(Float32Array.of(2049, 2051, 2049.5, 1 + 2 ** -11, 1 + 3 * 2 ** -11)))).toEqual(
      Float32Array.of(2048, 2052, 2050, 1, 1 + 2 ** -9),
    );
  });

  it('rounds subnormal numbers and underflows to zero with its sign', () => {
    expect(half(2 ** -24)).toBe(1);
    expect(half(2 ** -25)).toBe(0);
    expect(half(2 ** -25 * 1.001)).toBe(1);
    expect(half(3 * 2 ** -25)).toBe(2);
    expect(half(-1e-30)).toBe(0x8000);
    expect(half(2 ** -14 * (1 - 2 ** -12))).toBe(0x0400);
  });

  it('becomes infinite beyond the largest number, not before', () => {
    expect(half(65519.996)).toBe(0x7bff);
    expect(half(65520)).toBe(0x7c00);
    expect(half(-Infinity)).toBe(0xfc00);
  });
});

describe('bfloat16', () => {
  it('survives float32 and back for every bit pattern', () => {
    const bits = Uint16Array.from({ length: 2 ** 16 }, (_, i) => i);
    const back = floatToBfloat(bfloatToFloat(bits));
    const isNan = (pattern: number): boolean => (pattern & 0x7fff) > 0x7f80;
    expect([...bits.filter((pattern) => !isNan(pattern) && back[pattern] !== pattern)]).toEqual([]);
    expect(isNan(bfloat(NaN))).toBe(true);
  });

  it('rounds to nearest, ties to even', () => {
    expect(bfloat(1 + 2 ** -8)).toBe(0x3f80);
    expect(bfloat(1 + 3 * 2 ** -8)).toBe(0x3f82);
    expect(bfloat(1 + 2 ** -8 + 2 ** -20)).toBe(0x3f81);
    expect(bfloat(3.4e38)).toBe(0x7f80);
  });
});
