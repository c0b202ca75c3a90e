import { expect, test } from 'vitest';
import { attend, attendBackward } from '../../../src-main/decoder/attentionCore.ts';
import { causalMask, hidden } from '../../../src-main/decoder/causalMask.ts';
import { attendTiled, attendTiledBackward, planTiles, tileQueries } from '../../../src-main/decoder/tiledAttention.ts';
import { kernelsWithoutLeaks, largestDifference, randomTensor, valuesOf } from '../../support/tensorBackend.ts';

const kernels = kernelsWithoutLeaks();

test.each([
  { length: tileQueries, window: undefined, softcap: 2 },
  { length: 2 * tileQueries, window: undefined, softcap: undefined },
  { length: 2 * tileQueries + 37, window: undefined, softcap: 2 },
  { length: 3 * tileQueries + 1, window: 100, softcap: undefined },
  { length: 2 * tileQueries + 5, window: 400, softcap: 2 },
])(
  'attention in tiles equals attention at once: $length tokens, window $window, cap $softcap',
  ({ length, window, softcap }) => {
    // Bug: a mask that is shifted against its tile, a tile's heads in another order, keys of a window cut off too early.
    const k = kernels();
    const shape = { count: 2, queries: length, keys: length, heads: 4, kvHeads: 2, headDim: 8 };
    const q = randomTensor(k, [2, 2, 2 * length, 8], 1);
    const key = randomTensor(k, [2, 2, length, 8], 2);
    const value = randomTensor(k, [2, 2, length, 8], 3);
    const gradient = randomTensor(k, [2, 2, 2 * length, 8], 4);
    const maskValues = Float32Array.from({ length: length * length }, (_, i) => {
      const [query, own] = [Math.floor(i / length), i % length];
      return own <= query && (window === undefined || query - own < window) ? 0 : hidden;
    });
    const mask = k.upload(maskValues, [length, length]);
    const whole = attend(k, shape, q, key, value, mask, softcap);
    const expected = attendBackward(k, gradient, q, key, value, whole.probabilities, softcap);
    const { output, probabilities } = attendTiled(k, shape, q, key, value, { softcap, window });
    const gradients = attendTiledBackward(k, shape, gradient, q, key, value, { softcap, window }, probabilities);
    k.freeSaved(probabilities);
    expect(probabilities === undefined).toBe(length > tileQueries);
    expect(largestDifference(valuesOf(k, output), valuesOf(k, whole.output))).toBeLessThan(1e-5);
    for (const part of ['q', 'key', 'value'] as const) {
      expect(largestDifference(valuesOf(k, gradients[part]), valuesOf(k, expected[part])), part).toBeLessThan(1e-4);
    }
    k.free(q, key, value, gradient, mask, whole.probabilities);
  },
);

test('scores of a long sequence are a little over half of its square, and a band where there is a window', () => {
  // Bug: tiles that compute what the mask hides anyway.
  const scores = (length: number, window?: number): number =>
    planTiles(length, window).reduce((sum, { from, to, keysFrom }) => sum + (to - from) * (to - keysFrom), 0);
  expect(scores(2048) / 2048 ** 2).toBeLessThan(0.57);
  expect(scores(4096, 256)).toBeLessThan(4096 * (256 + tileQueries));
});

test('a window longer than the sequence hides nothing', () => {
  // Bug: short rows of a model with a window of 4096 fail, since the band is wider than the matrix.
  const k = kernels();
  expect([...valuesOf(k, causalMask(k, 3, 3, 0, 4096))]).toEqual([...valuesOf(k, causalMask(k, 3, 3, 0, undefined))]);
  expect([...valuesOf(k, causalMask(k, 2, 4, 2, 3))].map((value) => value === 0)).toEqual([
    ...[true, true, true, false],
    ...[false, true, true, true],
  ]);
});
