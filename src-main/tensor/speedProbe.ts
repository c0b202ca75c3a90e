import type { Clock } from '../util/clock.ts';
import { macrotask } from '../util/macrotask.ts';
import type { Kernels } from './kernels.ts';
import type { TensorId } from './tensorId.ts';

/** The feed-forward block of SmolLM2-135M on a batch of 4 × 256 tokens: large enough for many cores, small enough for one. */
const tokens = 1024;
const hidden = 576;
const inner = 1536;

/** Products of a step: two of the forward pass, and the two of the input's gradient. */
const flopsOfStep = 4 * 2 * tokens * hidden * inner;

const secondsOfWork = 0.6;
const fewestSteps = 3;

/**
 * Measures how many operations a second this process reaches on work shaped like a training step with frozen weights:
 * products of a small decoder and passes over their results. The best of several steps, since other work on the computer
 * only makes one slower.
 * @throws AppError CANCELLED, OUT_OF_MEMORY
 */
export async function measureFlopsPerSecond(k: Kernels, clock: Clock, signal: AbortSignal): Promise<number> {
  const made: TensorId[] = [];
  const random = (shape: readonly number[], seed: number): TensorId => {
    const tensor = k.randomUniform(shape, [seed, 0]);
    made.push(tensor);
    return tensor;
  };
  try {
    const up = random([hidden, inner], 1);
    const down = random([inner, hidden], 2);
    const input = random([tokens, hidden], 3);
    // The first step claims memory and makes the kernels ready.
    step(k, input, up, down);
    const end = clock.now() + 1000 * secondsOfWork;
    let fastest = Infinity;
    for (let steps = 0; steps < fewestSteps || clock.now() < end; steps++) {
      await macrotask(signal);
      const begun = clock.now();
      step(k, input, up, down);
      fastest = Math.min(fastest, clock.now() - begun);
    }
    return (1000 * flopsOfStep) / fastest;
  } finally {
    k.free(...made);
  }
}

/** One forward and backward pass of the block; reads a number at the end, so that a device has finished. */
function step(k: Kernels, input: TensorId, up: TensorId, down: TensorId): void {
  k.scope(() => {
    const before = k.matMul(input, up);
    const gate = k.sigmoid(before);
    const activated = k.mul(before, gate);
    const output = k.add(k.take(k.matMul(k.take(activated), down)), input);
    const size = k.mean(k.take(k.square(output)), [1], true);
    const normed = k.mul(k.take(output), k.take(k.rsqrt(k.take(k.shift(k.take(size), 1e-5)))));
    const gradient = k.matMul(k.take(normed), down, false, true);
    // σ(x) + x σ(x)(1 − σ(x)), the derivative of the activation.
    const slope = k.add(gate, k.take(k.mul(k.take(k.mul(k.take(before), gate)), k.take(k.oneMinus(gate)))));
    k.free(gate);
    const last = k.matMul(k.take(k.mul(k.take(gradient), k.take(slope))), up, false, true);
    const total = k.halfSquaredNorm(k.take(last));
    k.scalar(total);
    k.free(total);
  });
}
