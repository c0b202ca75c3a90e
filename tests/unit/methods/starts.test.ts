import { expect, test } from 'vitest';
import type { MatrixSpectrum } from '../../../src-main/contract/analysis.ts';
import type { MethodConfig, SaraConfig } from '../../../src-main/contract/methods.schema.ts';
import { methodOf } from '../../../src-main/methods/registry.ts';
import type { AdapterSet, MatrixFacts, PlannedMatrix } from '../../../src-main/methods/types.ts';
import type { Kernels } from '../../../src-main/tensor/kernels.ts';
import { Rng } from '../../../src-main/util/rng.ts';
import { kernelsWithoutLeaks, noSignal, randomValues } from '../../support/tensorBackend.ts';

const kernels = kernelsWithoutLeaks();

const matrix: PlannedMatrix = { name: 'layers.0.q', layer: 0, module: 'q', shape: [50, 40], rank: 3 };
const U = randomValues(150, 1);
const Vt = randomValues(120, 2);
const facts: MatrixFacts = {
  spectrum: (name): MatrixSpectrum => ({ ...matrix, name, singularValues: Float32Array.of(8, 4, 2, 1) }),
  modelWeights: () => Promise.reject(new Error('Not asked for by these methods.')),
  rowNorms: () => Promise.reject(new Error('Not asked for by these methods.')),
  singularVectors: () => Promise.resolve({ U, Vt, S: Float32Array.of(8, 4, 2) }),
};

function sara(init: SaraConfig['init'], extra: Partial<SaraConfig> = {}): SaraConfig {
  return {
    name: 'sara',
    threshold: 0.25,
    measure: 'sum',
    granularity: 'matrix',
    init,
    scaling: 1,
    lambdaLearningRateMultiplier: 1,
    dropout: 0,
    ...extra,
  };
}

async function start(
  k: Kernels,
  config: MethodConfig,
  own: MatrixFacts = facts,
  seed = 1,
): Promise<{ readonly values: Map<string, Float32Array>; readonly delta: Float32Array; readonly set: AdapterSet }> {
  const set = await methodOf(config).createAdapters(k, [matrix], config, own, new Rng(seed), noSignal);
  const delta = set.matrices.get(matrix.name)?.delta();
  if (delta === undefined) throw new Error('The adapter is not in the set.');
  const values = new Map([...set.exportState()].map(([name, { data }]) => [name.replace('layers.0.q.', ''), data]));
  const result = { values, delta: k.download(delta), set };
  k.free(delta);
  set.dispose();
  return result;
}

const standardDeviation = (values: Float32Array): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);

test.each(['zero-b', 'raw-lambda', 'zero-lambda', 'svd'] as const)(
  'SARA from %s changes nothing at first',
  async (init) => {
    const { delta } = await start(kernels(), sara(init));
    expect(delta.every((value) => value === 0)).toBe(true);
  },
);

test('zero-b starts from normalised singular values, raw-lambda from the values themselves', async () => {
  const k = kernels();
  const normalised = await start(k, sara('zero-b'));
  expect([...(normalised.values.get('lambda') ?? [])]).toEqual([1, 0.5, 0.25]);
  const raw = await start(k, sara('raw-lambda'));
  expect([...(raw.values.get('lambda') ?? [])]).toEqual([8, 4, 2]);
  for (const { values } of [normalised, raw]) {
    expect(values.get('B')?.every((value) => value === 0)).toBe(true);
    const A = values.get('A') ?? new Float32Array();
    expect(Math.max(...A.map(Math.abs))).toBeLessThanOrEqual(1 / Math.sqrt(40));
    expect(standardDeviation(A)).toBeGreaterThan(0.85 / Math.sqrt(3 * 40));
  }
});

test('zero-lambda starts from normal A and B of the right spread', async () => {
  const { values } = await start(kernels(), sara('zero-lambda'));
  expect(standardDeviation(values.get('A') ?? new Float32Array()) * Math.sqrt(40)).toBeCloseTo(1, 0);
  expect(standardDeviation(values.get('B') ?? new Float32Array()) * Math.sqrt(3)).toBeCloseTo(1, 0);
});

test('svd starts from the singular vectors', async () => {
  const { values } = await start(kernels(), sara('svd'));
  expect(values.get('A')).toEqual(Vt);
  expect(values.get('B')).toEqual(U);
});

test('an all-zero matrix can still learn', async () => {
  // Bug: λ = 0 and B = 0 together have no gradient, and 0 / 0 is not a number.
  const zero: MatrixFacts = { ...facts, spectrum: () => ({ ...matrix, singularValues: new Float32Array(4) }) };
  const { values } = await start(kernels(), sara('zero-b'), zero);
  expect([...(values.get('lambda') ?? [])]).toEqual([1, 1, 1]);
});

test('parameters are counted k (d_out + d_in + 1), and λ alone gets the multiplier', async () => {
  const { set } = await start(kernels(), sara('zero-b', { lambdaLearningRateMultiplier: 7 }));
  const count = set.parameters.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
  expect(count).toBe(3 * (50 + 40 + 1));
  expect(set.parameters.map((parameter) => parameter.learningRateMultiplier)).toEqual([1, 7, 1]);
});

test('the same seed gives the same adapters, another seed others', async () => {
  const k = kernels();
  const config = { name: 'lora', rank: 3, alpha: 6, dropout: 0 } as const;
  const [first, again, other] = [await start(k, config), await start(k, config), await start(k, config, facts, 2)];
  expect(again.values).toEqual(first.values);
  expect(other.values).not.toEqual(first.values);
});

test('cancelling while adapters are made frees those made so far', async () => {
  const controller = new AbortController();
  const stopping: MatrixFacts = {
    ...facts,
    singularVectors: () => {
      controller.abort();
      return facts.singularVectors(matrix, 3);
    },
  };
  const two = [matrix, { ...matrix, name: 'layers.1.q' }];
  const config = sara('svd');
  const making = methodOf(config).createAdapters(kernels(), two, config, stopping, new Rng(1), controller.signal);
  await expect(making).rejects.toMatchObject({ code: 'CANCELLED' });
});
