import { expect, test } from 'vitest';
import { compareLogits } from '../../../src-main/export/compareLogits.ts';

test('equal logits differ by nothing', () => {
  const logits = Float32Array.of(1, 2, 3, -1, 0, 5);
  expect(compareLogits(logits, logits.slice(), 3)).toEqual({
    maxAbsLogitDiff: 0,
    kl: 0,
    topOneAgreement: 1,
    positions: 2,
  });
});

// KL((¾, ¼) ‖ (½, ½)) = ¾ ln 1.5 + ¼ ln 0.5, worked by hand.
test('KL is that of the first distribution from the second, in nats', () => {
  const result = compareLogits(Float32Array.of(Math.log(3), 0), Float32Array.of(0, 0), 2);
  expect(result.kl).toBeCloseTo(0.75 * Math.log(1.5) + 0.25 * Math.log(0.5), 6);
  expect(result.maxAbsLogitDiff).toBeCloseTo(Math.log(3), 6);
});

test('a shift of all logits of a position changes neither KL nor the most probable token', () => {
  const result = compareLogits(Float32Array.of(1, 2, 4), Float32Array.of(101, 102, 104), 3);
  expect(result.kl).toBeCloseTo(0, 6);
  expect(result.topOneAgreement).toBe(1);
});

// Bug: a NaN in the written model compared with `>` would pass every bound.
test('a NaN is never taken for agreement', () => {
  const result = compareLogits(Float32Array.of(1, 2), Float32Array.of(NaN, 2), 2);
  expect(result.maxAbsLogitDiff).toBeNaN();
});

test('a different most probable token is counted', () => {
  expect(compareLogits(Float32Array.of(1, 0, 1, 0), Float32Array.of(1, 0, 0, 1), 2).topOneAgreement).toBe(0.5);
});
