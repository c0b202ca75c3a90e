import { expect, test } from 'vitest';
import { createParameter } from '../../../src-main/methods/parameter.ts';
import type { Parameter } from '../../../src-main/methods/types.ts';
import { AdamW } from '../../../src-main/optimizer/adamw.ts';
import type { Kernels } from '../../../src-main/tensor/kernels.ts';
import { kernelsWithoutLeaks, largestDifference, randomValues } from '../../support/tensorBackend.ts';

const kernels = kernelsWithoutLeaks();
const settings = { betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.1 } as const;

function withParameters(k: Kernels, multipliers: readonly number[], use: (parameters: Parameter[]) => void): void {
  const parameters = multipliers.map((multiplier, i) =>
    createParameter(k, `p${String(i)}`, [2, 2], randomValues(4, i + 1), multiplier),
  );
  use(parameters);
  for (const { value, gradient } of parameters) k.freeSaved([value, gradient]);
}

function give(k: Kernels, parameter: Parameter, gradient: Float32Array | undefined): void {
  parameter.gradient = gradient && k.upload(gradient.slice(), parameter.shape);
}

/** torch.optim.AdamW of one value, in float64. */
class Reference {
  m = 0;
  v = 0;
  t = 0;
  value: number;

  constructor(value: number) {
    this.value = value;
  }

  step(gradient: number, rate: number): void {
    const [beta1, beta2] = settings.betas;
    this.t += 1;
    this.value *= 1 - rate * settings.weightDecay;
    this.m = beta1 * this.m + (1 - beta1) * gradient;
    this.v = beta2 * this.v + (1 - beta2) * gradient ** 2;
    const root = Math.sqrt(this.v) / Math.sqrt(1 - beta2 ** this.t);
    this.value -= ((rate / (1 - beta1 ** this.t)) * this.m) / (root + settings.epsilon);
  }
}

test('steps are those of the definition, through missing gradients, rate 0 and learning-rate multipliers', () => {
  // Bug: ε inside the correction, moments that stand still without a gradient, a multiplier on the moments.
  const k = kernels();
  withParameters(k, [1, 10], (parameters) => {
    const optimizer = new AdamW(k, parameters, settings);
    const references = parameters.map(({ value }) => [...k.download(value)].map((start) => new Reference(start)));
    const rates = [0, 1e-2, 1e-2, 2e-2, 1e-3];
    for (const [step, rate] of rates.entries()) {
      parameters.forEach((parameter, i) => {
        // Small values, so that ε matters.
        const gradient = step === 2 && i === 0 ? undefined : randomValues(4, 10 * step + i, 1e-7);
        give(k, parameter, gradient);
        references[i]?.forEach((reference, j) => {
          reference.step(gradient?.[j] ?? 0, rate * parameter.learningRateMultiplier);
        });
      });
      expect(optimizer.step({ learningRate: rate, clipNorm: 0 }).finite).toBe(true);
      parameters.forEach(({ value, gradient }, i) => {
        expect(gradient).toBeUndefined();
        const expected = references[i]?.map((reference) => reference.value) ?? [];
        expect(largestDifference(k.download(value), expected), `step ${String(step)}`).toBeLessThan(2e-6);
      });
    }
    expect(optimizer.steps).toBe(rates.length);
    optimizer.dispose();
  });
});

test('clipping scales all gradients by one factor, and the norm told is that before clipping', () => {
  const k = kernels();
  withParameters(k, [1, 1], (parameters) => {
    const optimizer = new AdamW(k, parameters, settings);
    for (const parameter of parameters) give(k, parameter, Float32Array.of(3, 0, 4, 0));
    expect(optimizer.step({ learningRate: 1e-3, clipNorm: 1 }).gradientNorm).toBeCloseTo(Math.sqrt(50), 5);
    const m = optimizer.exportState().get('p1.m')?.data ?? [];
    expect(
      largestDifference(
        m,
        [0.3, 0, 0.4, 0].map((value) => value / Math.sqrt(50)),
      ),
    ).toBeLessThan(1e-7);
    optimizer.dispose();
  });
});

test('a gradient that is exactly zero moves nothing but the weight decay', () => {
  // Bug: 0 / (√0 + ε) computed so that it is not 0, or a NaN.
  const k = kernels();
  withParameters(k, [1], (parameters) => {
    const [parameter] = parameters;
    if (parameter === undefined) return;
    const before = k.download(parameter.value);
    const optimizer = new AdamW(k, parameters, settings);
    give(k, parameter, new Float32Array(4));
    optimizer.step({ learningRate: 1e-2, clipNorm: 1 });
    const expected = before.map((value) => value * (1 - 1e-3));
    expect(largestDifference(k.download(parameter.value), expected)).toBeLessThan(2e-7);
    optimizer.dispose();
  });
});

test.each([NaN, Infinity])('a gradient with %s changes neither values nor moments', (bad) => {
  const k = kernels();
  withParameters(k, [1, 1], (parameters) => {
    const optimizer = new AdamW(k, parameters, settings);
    for (const parameter of parameters) give(k, parameter, randomValues(4, 5));
    optimizer.step({ learningRate: 1e-2, clipNorm: 1 });
    const values = parameters.map(({ value }) => k.download(value));
    const moments = optimizer.exportState();
    parameters.forEach((parameter, i) => {
      give(k, parameter, Float32Array.of(1, i === 1 ? bad : 1, 1, 1));
    });
    expect(optimizer.step({ learningRate: 1e-2, clipNorm: 1 }).finite).toBe(false);
    expect(optimizer.steps).toBe(1);
    expect(parameters.map(({ value }) => k.download(value))).toEqual(values);
    expect(optimizer.exportState()).toEqual(moments);
    optimizer.dispose();
  });
});

test('an optimizer that takes over exported moments goes on bit for bit', () => {
  const k = kernels();
  const run = (from: number, to: number, optimizer: AdamW, parameters: Parameter[]): void => {
    for (let step = from; step < to; step++) {
      parameters.forEach((parameter, i) => {
        give(k, parameter, randomValues(4, 10 * step + i));
      });
      optimizer.step({ learningRate: 1e-2, clipNorm: 1 });
    }
  };
  let expected: Float32Array[] = [];
  withParameters(k, [1, 3], (parameters) => {
    const optimizer = new AdamW(k, parameters, settings);
    run(0, 8, optimizer, parameters);
    expected = parameters.map(({ value }) => k.download(value));
    optimizer.dispose();
  });
  withParameters(k, [1, 3], (parameters) => {
    const first = new AdamW(k, parameters, settings);
    run(0, 5, first, parameters);
    const moments = first.exportState();
    first.dispose();
    const second = new AdamW(k, parameters, settings);
    second.importState(moments, 5);
    run(5, 8, second, parameters);
    expect(parameters.map(({ value }) => k.download(value))).toEqual(expected);
    second.dispose();
  });
});

test('a moment that is missing or of another size is named, and nothing is taken over', () => {
  const k = kernels();
  withParameters(k, [1, 1], (parameters) => {
    const optimizer = new AdamW(k, parameters, settings);
    const state = optimizer.exportState();
    state.set('p0.m', { shape: [2, 2], data: Float32Array.of(1, 1, 1, 1) });
    state.delete('p1.v');
    expect(() => {
      optimizer.importState(state, 3);
    }).toThrow(/p1\.v/);
    expect(optimizer.steps).toBe(0);
    expect(
      optimizer
        .exportState()
        .get('p0.m')
        ?.data.every((value) => value === 0),
    ).toBe(true);
    optimizer.dispose();
  });
});
