import { describe, expect, test } from 'vitest';
import { roundingError } from '../../../src-main/export/baseRounding.ts';
import { dequantize } from '../../../src-main/models/gguf/dequantize.ts';
import { quantize, type GgufWrittenType } from '../../../src-main/models/gguf/quantize.ts';
import { Rng } from '../../../src-main/util/rng.ts';

const types = ['Q8_0', 'Q6_K', 'Q5_K', 'Q5_1', 'Q5_0', 'Q4_K', 'Q4_0'] as const satisfies GgufWrittenType[];

const norm = (values: Float32Array): number => Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0));

// The figure that people are told of their quantised base, against the truth where the originals are known.
describe.each(types)('%s', (type) => {
  test('the error told from the stored values alone is the one that rounding has made', () => {
    const rng = new Rng(7);
    const original = Float32Array.from({ length: 256 * 64 }, () => rng.normal() * 0.02);
    const stored = new Float32Array(original.length);
    dequantize(type, quantize(type, original, 'values'), stored);
    const truth = norm(original.map((value, i) => value - (stored[i] ?? NaN))) / norm(stored);
    const told = roundingError(stored, type === 'Q6_K' ? 16 : 32);
    expect(told / truth).toBeGreaterThan(0.85);
    expect(told / truth).toBeLessThan(1.25);
  });
});

test('zeros and constants have no step', () => {
  expect(roundingError(new Float32Array(64), 32)).toBe(0);
  expect(roundingError(new Float32Array(64).fill(0.5), 32)).toBe(0);
});
