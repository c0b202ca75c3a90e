/** Bugs these would catch: a wrong term, a missing factor or a wrong sign in a hand-written backward pass. */
import { expect, test } from 'vitest';
import { activate, activateWithSlope } from '../../../src-main/decoder/activation.ts';
import { attend, attendBackward } from '../../../src-main/decoder/attentionCore.ts';
import { Norm } from '../../../src-main/decoder/norm.ts';
import { rotate, rotateBack } from '../../../src-main/decoder/rotary.ts';
import { RotaryTables } from '../../../src-main/decoder/rotaryTables.ts';
import type { TensorId } from '../../../src-main/tensor/tensorId.ts';
import {
  kernelsWithoutLeaks,
  largestDifference,
  randomTensor,
  randomValues,
  valuesOf,
} from '../../support/tensorBackend.ts';
import { gradientError } from '../../support/tensorGradients.ts';

const kernels = kernelsWithoutLeaks();

test.each(['silu', 'gelu-tanh', 'gelu'] as const)('the slope of %s is its derivative', (kind) => {
  const k = kernels();
  const error = gradientError(
    k,
    randomValues(60, 1, 2),
    [10, 6],
    (x) => activate(k, kind, x),
    (g, x) => {
      const { value, slope } = activateWithSlope(k, kind, x);
      k.free(value);
      return k.mul(g, k.take(slope));
    },
  );
  expect(error).toBeLessThan(1e-3);
});

test.each([
  ['silu', [0, 0.7310586, -0.2689414, 2.8577224]],
  ['gelu-tanh', [0, 0.841192, -0.158808, 2.9963627]],
  ['gelu', [0, 0.8413447, -0.1586553, 2.9959502]],
] as const)('%s has the values of PyTorch, with and without its slope', (kind, expected) => {
  const k = kernels();
  const z = k.upload(Float32Array.of(0, 1, -1, 3), [4]);
  expect(largestDifference(valuesOf(k, activate(k, kind, z)), expected)).toBeLessThan(1e-6);
  const { value, slope } = activateWithSlope(k, kind, z);
  expect(largestDifference(valuesOf(k, value), expected)).toBeLessThan(1e-6);
  k.free(slope, z);
});

test.each(['rms', 'layer'] as const)('the gradient of an %s norm is its derivative', (kind) => {
  const k = kernels();
  const spec = { kind, name: 'norm', epsilon: 1e-5, plusOne: false };
  const bias = kind === 'layer' ? randomTensor(k, [8], 3) : undefined;
  const norm = new Norm(k, spec, randomTensor(k, [8], 2), bias);
  const error = gradientError(
    k,
    randomValues(48, 4).map((value) => value + 0.5),
    [6, 8],
    (x) => {
      const { y, saved } = norm.forward(x);
      k.freeSaved(saved);
      return y;
    },
    (g, x) => {
      const { y, saved } = norm.forward(x);
      const dx = norm.backward(g, x, saved);
      k.freeSaved([y, saved]);
      return dx;
    },
  );
  expect(error).toBeLessThan(1e-3);
  norm.dispose();
});

test.each([
  { dimensions: 8, headDim: 8 },
  { dimensions: 4, headDim: 8 },
])('the gradient of rotating $dimensions of $headDim dimensions is its derivative', ({ dimensions, headDim }) => {
  const k = kernels();
  const tables = new RotaryTables(k, { theta: 100, dimensions, scaling: { type: 'none' } });
  const positions = k.uploadInts(Int32Array.of(0, 1, 5, 300));
  const rows = tables.rows(positions, 300);
  const error = gradientError(
    k,
    randomValues(4 * 3 * headDim, 5),
    [4, 3, headDim],
    (x) => rotate(k, x, rows, { heads: 3, headDim, dimensions }),
    (g) => rotateBack(k, g, rows, { heads: 3, headDim, dimensions }),
  );
  expect(error).toBeLessThan(1e-3);
  k.free(positions, rows.cos, rows.sin);
  tables.dispose();
});

test('rotation keeps the length of every head and leaves position 0 alone', () => {
  const k = kernels();
  const tables = new RotaryTables(k, { theta: 100, dimensions: 8, scaling: { type: 'none' } });
  const positions = k.uploadInts(Int32Array.of(0, 77));
  const rows = tables.rows(positions, 77);
  const x = randomTensor(k, [2, 1, 8], 6);
  const before = k.download(x);
  const after = valuesOf(k, rotate(k, x, rows, { heads: 1, headDim: 8, dimensions: 8 }));
  expect(largestDifference(after.subarray(0, 8), before.subarray(0, 8))).toBe(0);
  expect(Math.hypot(...after.subarray(8))).toBeCloseTo(Math.hypot(...before.subarray(8)), 5);
  k.free(x, positions, rows.cos, rows.sin);
  tables.dispose();
});

const shape = { count: 2, queries: 5, keys: 5, heads: 4, kvHeads: 2, headDim: 3 };
const inputs = ['q', 'key', 'value'] as const;

test.each(inputs.flatMap((input) => [undefined, 1.5].map((softcap) => ({ input, softcap }))))(
  'the gradient of $input in attention with cap $softcap is its derivative',
  ({ input, softcap }) => {
    const k = kernels();
    const sizes = { q: [2, 2, 10, 3], key: [2, 2, 5, 3], value: [2, 2, 5, 3] } as const;
    const fixed = {
      q: randomTensor(k, sizes.q, 11),
      key: randomTensor(k, sizes.key, 12),
      value: randomTensor(k, sizes.value, 13),
    };
    const mask = k.fill([1, 1], 0);
    const run = (x: TensorId) => {
      const own = { ...fixed, [input]: x };
      return { own, ...attend(k, shape, own.q, own.key, own.value, mask, softcap) };
    };
    // The output has the size of q; weights of another shape would be taken wrongly.
    const error = gradientError(
      k,
      randomValues(
        sizes[input].reduce((product, size) => product * size, 1),
        14,
      ),
      sizes[input],
      (x) => {
        const { output, probabilities } = run(x);
        k.free(probabilities);
        return output;
      },
      (g, x) => {
        const { own, output, probabilities } = run(x);
        const gradient = k.reshape(g, sizes.q);
        const all = attendBackward(k, gradient, own.q, own.key, own.value, probabilities, softcap);
        k.free(output, probabilities, gradient);
        for (const other of inputs) if (other !== input) k.free(all[other]);
        return all[input];
      },
    );
    expect(error).toBeLessThan(1e-3);
    k.free(fixed.q, fixed.key, fixed.value, mask);
  },
);
