/** What every method promises, on one group of linear maps. */
import { describe, expect, test } from 'vitest';
import { methodSchema, type MethodConfig } from '../../../src-main/contract/methods.schema.ts';
import { blankFacts } from '../../../src-main/methods/blankFacts.ts';
import { methodOf } from '../../../src-main/methods/registry.ts';
import type { AdapterSet, LinearPass, MatrixAdapter } from '../../../src-main/methods/types.ts';
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
          deltaOf(k, adapter).every((value) => value === 0),
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
        const merged =
          adapter === undefined ? base.weight.read() : k.add(k.take(base.weight.read()), k.take(adapter.delta()));
        const product = k.matMul(x, k.take(merged), false, true);
        const expected = base.bias === undefined ? product : k.add(k.take(product), base.bias);
        expect(largestDifference(valuesOf(k, at(outputs, i)), valuesOf(k, expected)), base.name).toBeLessThan(2e-5);
      });
      k.freeSaved([x, saved]);
      for (const adapter of adapters.matrices.values()) {
        expect(
          deltaOf(k, adapter).some((value) => Math.abs(value) > 1e-3),
          'has learnt',
        ).toBe(true);
        const factors = adapter.factors();
        if (factors === undefined) continue;
        const product = k.matMul(k.take(factors.left), k.take(factors.right));
        expect(largestDifference(valuesOf(k, product), deltaOf(k, adapter))).toBeLessThan(1e-5);
      }
    });
  });

  test('has the gradients of its input and of every parameter', async () => {
    const k = kernels();
    await withMethodGroup(k, config, ({ linear, adapters }) => {
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
          parameter.value = k.reshape(value, parameter.shape);
          const result = work();
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

function deltaOf(k: Kernels, adapter: MatrixAdapter): Float32Array {
  return valuesOf(k, adapter.delta());
}
