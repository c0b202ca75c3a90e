/** What every method promises, on one group of linear maps. */
import { describe, expect, test } from 'vitest';
import { methodSchema, type MethodConfig } from '../../../src-main/contract/methods.schema.ts';
import { blankFacts } from '../../../src-main/methods/blankFacts.ts';
import { DoraAdapter } from '../../../src-main/methods/dora/doraAdapter.ts';
import { methodOf } from '../../../src-main/methods/registry.ts';
import type { AdapterSet, BaseLinear, LinearPass, MatrixAdapter, Parameter } from '../../../src-main/methods/types.ts';
import type { Kernels } from '../../../src-main/tensor/kernels.ts';
import type { TensorId } from '../../../src-main/tensor/tensorId.ts';
import { at } from '../../../src-main/util/at.ts';
import { Rng } from '../../../src-main/util/rng.ts';
import {
  kernelsWithoutLeaks,
  largestDifference,
  noSignal,
  randomTensor,
  randomValues,
  valuesOf,
} from '../../support/tensorBackend.ts';
import { gradientError } from '../../support/tensorGradients.ts';
import { groupInputs, groupOutputs, moveParameters, withMethodGroup } from '../../support/tensorMethods.ts';
import { dropGradients } from '../../support/tensorTraining.ts';

const kernels = kernelsWithoutLeaks();
const rows = 5;
const width = groupOutputs.reduce((sum, out) => sum + out, 0);
const evaluation: LinearPass = { rows, dropoutSeed: undefined };
const training: LinearPass = { rows, dropoutSeed: [1, 2] };

const cases: readonly [string, unknown][] = [
  ['SARA', { name: 'sara' }],
  ['SARA from svd', { name: 'sara', init: 'svd' }],
  ['LoRA', { name: 'lora', dropout: 0.3 }],
  ['rsLoRA', { name: 'lora', rankStabilized: true }],
  ['DoRA', { name: 'dora' }],
  ['DoRA with dropout', { name: 'dora', rankStabilized: true, dropout: 0.3 }],
  ['AdaLoRA', { name: 'adalora', dropout: 0.3 }],
  ['PiSSA', { name: 'pissa', alpha: 3, dropout: 0.3 }],
  ...[1, 3].flatMap((sets) =>
    ['rank1', 'linear'].flatMap((router) =>
      ['vector', 'none'].map((output): [string, unknown] => [
        `Mo-SARA of ${sets} sets, ${router}, ${output}`,
        { name: 'mosara', sets, router, output, scaling: 2, dropout: sets === 3 ? 0.3 : 0 },
      ]),
    ),
  ),
];

describe.each(cases)('%s', (_name, settings) => {
  const config: MethodConfig = methodSchema.parse(settings);

  test('changes nothing at first: ΔW is 0 and the outputs are the base’s, bit for bit', async () => {
    const k = kernels();
    await withMethodGroup(k, config, ({ linear, bases, adapters }) => {
      // What is gated has one ΔW only with frozen gates.
      freezeGates(adapters);
      for (const adapter of adapters.matrices.values()) {
        expect(
          deltaOf(k, bases, adapter).every((value) => value === 0),
          adapter.matrix.name,
        ).toBe(true);
      }
      adapters.gates?.freeze(undefined);
      const x = randomTensor(k, [rows, groupInputs], 50);
      const { outputs, saved } = linear.forward(x, training);
      bases.forEach((base, i) => {
        const product = k.matMul(x, k.take(base.weight.read()), false, true);
        const expected = base.bias === undefined ? product : k.add(k.take(product), base.bias);
        expect(valuesOf(k, at(outputs, i))).toEqual(valuesOf(k, expected));
      });
      k.freeSaved([x, saved]);
    });
  });

  test('has the parameters that its plan counts', async () => {
    await withMethodGroup(kernels(), config, ({ adapters, matrices }) => {
      const method = methodOf(config);
      // The plan chooses ranks of its own; what is compared is the count at those of the group.
      for (const matrix of matrices) {
        const own = adapters.matrices.get(matrix.name);
        const values = own?.parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
        const frozen = own?.frozen.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
        expect(values, matrix.name).toBe(method.countParameters(matrix.shape, matrix.rank, config));
        expect(frozen, matrix.name).toBe(method.cost(matrix, config).frozen);
      }
    });
  });

  test('gives x (W0 + ΔW)ᵀ + b after training, so that merging changes nothing', async () => {
    const k = kernels();
    await withMethodGroup(k, config, ({ linear, bases, adapters }) => {
      moveParameters(adapters);
      freezeGates(adapters);
      const x = randomTensor(k, [rows, groupInputs], 50);
      const { outputs, saved } = linear.forward(x, evaluation);
      bases.forEach((base, i) => {
        const adapter = adapters.matrices.get(base.name);
        const merged = adapter === undefined ? base.weight.read() : mergedWeight(k, base, adapter);
        const product = k.matMul(x, k.take(merged), false, true);
        const expected = base.bias === undefined ? product : k.add(k.take(product), base.bias);
        expect(largestDifference(valuesOf(k, at(outputs, i)), valuesOf(k, expected)), base.name).toBeLessThan(2e-5);
      });
      k.freeSaved([x, saved]);
      for (const adapter of adapters.matrices.values()) {
        expect(
          deltaOf(k, bases, adapter).some((value) => Math.abs(value) > 1e-3),
          'has learnt',
        ).toBe(true);
        const factors = adapter.factors();
        if (factors === undefined) continue;
        const product = k.matMul(k.take(factors.left), k.take(factors.right));
        expect(largestDifference(valuesOf(k, product), deltaOf(k, bases, adapter))).toBeLessThan(1e-5);
      }
    });
  });

  test('has the gradients of its input and of every parameter', async () => {
    const k = kernels();
    await withMethodGroup(k, config, ({ linear, adapters, bases }) => {
      // A router near its start hardly matters, and its small gradients would drown in rounding.
      moveParameters(adapters, adapters.gates === undefined ? 0.3 : 1);
      const x = randomValues(rows * groupInputs, 60);
      const joined = (input: TensorId): TensorId => {
        const { outputs, saved } = linear.forward(input, training);
        const all = k.concat(outputs, 1);
        k.freeSaved([...outputs, saved]);
        return all;
      };
      const backward = (gradient: TensorId, input: TensorId): TensorId => {
        const { outputs, saved } = linear.forward(input, training);
        const parts = k.split(gradient, groupOutputs, 1);
        const dx = linear.backward(input, parts, saved, training, true);
        k.freeSaved([...outputs, ...parts, saved]);
        if (dx === undefined) throw new Error('No gradient of the input.');
        return dx;
      };
      expect(gradientError(k, x, [rows, groupInputs], joined, backward), 'x').toBeLessThan(1e-3);
      dropGradients(k, adapters);
      const fixed = k.upload(x.slice(), [rows, groupInputs]);
      for (const parameter of adapters.parameters) {
        const original = parameter.value;
        const values = k.download(original);
        const withValue = (value: TensorId, work: () => TensorId): TensorId => {
          const hold = heldLengths(k, bases, adapters, parameter);
          parameter.value = k.reshape(value, parameter.shape);
          const release = hold();
          const result = work();
          release();
          k.free(parameter.value);
          parameter.value = original;
          return result;
        };
        // The softmax over one set is 1 whatever its router says.
        const dead = adapters.gates?.sets === 1 && /\.(w1|W2|Wg)$/.test(parameter.name);
        const error = gradientError(
          k,
          values,
          [values.length],
          (value) => withValue(value, () => joined(fixed)),
          (g, value) =>
            withValue(value, () => {
              const weights = k.reshape(g, [rows, width]);
              k.free(backward(weights, fixed), weights);
              if (parameter.gradient === undefined) throw new Error('No gradient of the parameter.');
              return k.alias(parameter.gradient);
            }),
        );
        if (dead) expect(parameter.gradient && k.download(parameter.gradient)).toEqual(new Float32Array(values.length));
        else expect(error, parameter.name).toBeLessThan(1e-3);
        dropGradients(k, adapters);
      }
      k.free(fixed);
    });
  });

  test('gives no gradient of the input where none is needed', async () => {
    const k = kernels();
    await withMethodGroup(k, config, ({ linear, adapters }) => {
      const x = randomTensor(k, [rows, groupInputs], 50);
      const { outputs, saved } = linear.forward(x, training);
      expect(linear.backward(x, outputs, saved, training, false)).toBeUndefined();
      k.freeSaved([x, saved, ...outputs]);
      dropGradients(k, adapters);
    });
  });

  test('is what it was after saving and restoring, without the facts it began with', async () => {
    const k = kernels();
    await withMethodGroup(k, config, async ({ bases, adapters, matrices, linear }) => {
      moveParameters(adapters);
      const saved = adapters.exportState();
      const blank = blankFacts(matrices);
      const other = await methodOf(config).createAdapters(k, matrices, config, blank, new Rng(9), noSignal);
      other.importState(saved);
      expect(other.exportState()).toEqual(saved);
      const x = randomTensor(k, [rows, groupInputs], 50);
      const [a, b] = [linear.forward(x, evaluation), other.linear(bases).forward(x, evaluation)];
      bases.forEach((_, i) => expect(k.download(at(b.outputs, i))).toEqual(k.download(at(a.outputs, i))));
      k.freeSaved([x, a.saved, b.saved, ...a.outputs, ...b.outputs]);
      other.dispose();
    });
  });
});

function freezeGates({ gates, matrices }: AdapterSet): void {
  if (gates === undefined || gates.sets === 1) return;
  const means = Array.from({ length: gates.sets }, (_, i) => (i + 1) / ((gates.sets * (gates.sets + 1)) / 2));
  gates.freeze(new Map([...matrices.keys()].map((name) => [name, means])));
}

/**
 * DoRA counts ‖W0 + c · B A‖ as constant in the gradient: where A or B is moved, m is moved along so that m / ‖W0 + c · B A‖
 * stays what it was. @returns to be called when the parameter has its new value; gives what takes that back
 */
function heldLengths(
  k: Kernels,
  bases: readonly BaseLinear[],
  adapters: AdapterSet,
  moved: Parameter,
): () => () => void {
  const adapter = [...adapters.matrices.values()].find(({ parameters }) => parameters.includes(moved));
  const weight = adapter && bases.find(({ name }) => name === adapter.matrix.name)?.weight;
  if (!(adapter instanceof DoraAdapter) || weight === undefined || moved === adapter.magnitude) {
    return () => () => undefined;
  }
  const scaleNow = () => {
    const W0 = weight.read();
    const scale = adapter.rowScale(W0);
    k.free(W0);
    return scale;
  };
  const before = scaleNow();
  return () => {
    const after = scaleNow();
    const { magnitude } = adapter;
    const original = magnitude.value;
    magnitude.value = k.mul(k.take(k.shift(before.t, 1)), after.length);
    k.freeSaved([before, after]);
    return () => {
      k.free(magnitude.value);
      magnitude.value = original;
    };
  };
}

/** W0 + ΔW, a new tensor. */
function mergedWeight(k: Kernels, { weight }: BaseLinear, adapter: MatrixAdapter): TensorId {
  const W0 = weight.read();
  const delta = adapter.delta(W0);
  return k.add(k.take(W0), k.take(delta));
}

function deltaOf(k: Kernels, bases: readonly BaseLinear[], adapter: MatrixAdapter): Float32Array {
  const W0 = bases.find(({ name }) => name === adapter.matrix.name)?.weight.read();
  const delta = valuesOf(k, adapter.delta(W0));
  k.freeSaved(W0);
  return delta;
}
