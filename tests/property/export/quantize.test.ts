import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dequantize } from '../../../src-main/models/gguf/dequantize.ts';
import { quantize, type GgufWrittenType } from '../../../src-main/models/gguf/quantize.ts';
import { Rng } from '../../../src-main/util/rng.ts';

/** ‖x̂ − x‖ / ‖x‖ that normally distributed values may have, a fifth above what was measured. */
const bounds: Readonly<Record<Exclude<GgufWrittenType, 'F32'>, number>> = {
  F16: 3e-4,
  BF16: 2.1e-3,
  Q8_0: 0.0075,
  Q6_K: 0.022,
  Q5_K: 0.045,
  Q5_1: 0.055,
  Q5_0: 0.06,
  Q4_K: 0.09,
  Q4_0: 0.115,
};

function roundTrip(type: GgufWrittenType, values: Float32Array): Float32Array {
  const target = new Float32Array(values.length);
  dequantize(type, quantize(type, values, 'values'), target);
  return target;
}

function relativeError(a: Float32Array, b: Float32Array): number {
  const squares = a.reduce((sum, value, i) => sum + (value - (b[i] ?? NaN)) ** 2, 0);
  return Math.sqrt(
    squares /
      Math.max(
        a.reduce((sum, value) => sum + value ** 2, 0),
        1e-30,
      ),
  );
}

const types = Object.keys(bounds) as (keyof typeof bounds)[];

describe.each(types)('%s', (type) => {
  // Not smaller: the scale of a super-block, a 4096th of its values, would be a subnormal half.
  // Bug caught: a scale packed into the wrong bits leaves some groups right and others far off.
  test('normally distributed weights come back within the error of the type, whatever their size', () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: -7, max: 6, noNaN: true }), (seed, exponent) => {
        const rng = new Rng(seed >>> 0);
        const values = Float32Array.from({ length: 2048 }, () => rng.normal() * 2 ** exponent);
        expect(relativeError(values, roundTrip(type, values))).toBeLessThan(bounds[type]);
      }),
      { numRuns: 25, seed: 11 },
    );
  });

  test('values come back finite and within the range of their block', () => {
    const value = fc.float({ min: -1000, max: 1000, noNaN: true });
    fc.assert(
      fc.property(fc.array(value, { minLength: 256, maxLength: 256 }), (list) => {
        const values = Float32Array.from(list);
        const largest = values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
        for (const x of roundTrip(type, values)) expect(Math.abs(x)).toBeLessThanOrEqual(1.1 * largest + 1e-6);
      }),
      { numRuns: 50, seed: 12 },
    );
  });

  test('zeros stay zeros', () => {
    expect(roundTrip(type, new Float32Array(512)).every((x) => x === 0)).toBe(true);
  });
});
