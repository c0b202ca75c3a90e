import type { Kernels } from '../../src-main/tensor/kernels.ts';
import type { TensorId } from '../../src-main/tensor/tensorId.ts';
import { randomValues } from './tensorBackend.ts';

/**
 * How far a hand-written gradient is from the function it claims to belong to: compares ⟨∂L/∂x, d⟩ with the central
 * difference of L = ⟨f(x), r⟩ along random directions d, with fixed random weights r.
 * @param forward f, a new tensor
 * @param backward the gradient of x for the gradient r of f(x), a new tensor
 * @returns largest difference relative to |∂L/∂x| |d|
 */
export function gradientError(
  k: Kernels,
  x: Float32Array,
  shape: readonly number[],
  forward: (x: TensorId) => TensorId,
  backward: (gradient: TensorId, x: TensorId) => TensorId,
): number {
  const evaluate = (values: Float32Array): Float32Array => {
    const input = k.upload(values, shape);
    const output = forward(input);
    const result = k.download(output);
    k.free(input, output);
    return result;
  };
  const weights = randomValues(evaluate(x).length, 101);
  const outputShape = shapeLike(shape, x.length, weights.length);
  const input = k.upload(x.slice(), shape);
  const weightTensor = k.upload(weights, outputShape);
  const gradientTensor = backward(weightTensor, input);
  const gradient = k.download(gradientTensor);
  k.free(input, weightTensor, gradientTensor);
  const step = 1e-2;
  let worst = 0;
  for (let seed = 0; seed < 4; seed++) {
    const direction = randomValues(x.length, 200 + seed, 1 / Math.sqrt(x.length));
    const at = (sign: number): number =>
      dot(evaluate(x.map((value, i) => value + sign * step * (direction[i] ?? 0))), weights);
    const numeric = (at(1) - at(-1)) / (2 * step);
    const size = Math.sqrt(dot(gradient, gradient) * dot(direction, direction));
    worst = Math.max(worst, Math.abs(numeric - dot(gradient, direction)) / size);
  }
  return worst;
}

export function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? NaN), 0);
}

/** The output's shape: that of the input, or its rows with another width. */
function shapeLike(shape: readonly number[], values: number, outputs: number): readonly number[] {
  if (values === outputs) return shape;
  const width = shape.at(-1) ?? 1;
  return [...shape.slice(0, -1), (outputs * width) / values];
}
