import { beforeAll, beforeEach, expect, test } from 'vitest';
import { openBackend } from '../../../src-main/tensor/backend.ts';
import type { NativeBinding } from '../../../src-main/tensor/binding.ts';
import { GraphBinding } from '../../../src-main/tensor/graph/graphBinding.ts';
import { Kernels } from '../../../src-main/tensor/kernels.ts';
import { RepeatedGraph } from '../../../src-main/tensor/repeatedGraph.ts';
import type { TensorId } from '../../../src-main/tensor/tensorId.ts';
import { randomTensor, valuesOf } from '../../support/tensorBackend.ts';

/** More runs than a program needs until a graph is made of it. */
const runs = 12;

let native: NativeBinding;
let binding: GraphBinding;
let k: Kernels;
/** Names of the addon's functions in the order in which they were called. */
let calls: string[];

beforeAll(async () => {
  native = (await openBackend()).binding as NativeBinding;
});

beforeEach(() => {
  calls = [];
  binding = new GraphBinding(counting(native));
  k = new Kernels(binding);
});

/** Two results of several ops, one of which gives two tensors; temporaries are freed on the way. */
function work(a: TensorId, b: TensorId): readonly [TensorId, TensorId] {
  const product = k.matMul(a, b);
  const [left, right] = k.split(k.take(product), [1, 2], 1) as [TensorId, TensorId];
  const soft = k.sigmoid(right);
  const sum = k.sum(k.take(k.square(k.take(soft))), [1], true);
  const scaled = k.mul(left, k.take(sum));
  return [k.add(k.take(scaled), k.take(left)), k.scale(k.take(right), 3)];
}

test('a graph gives the values of its ops to the last bit, and leaves what they leave', () => {
  const plain = new Kernels(native);
  for (let run = 0; run < runs; run++) {
    // Other sizes and values every time: they are no part of the graph.
    const rows = 2 + run;
    const a = randomTensor(k, [rows, 4], run);
    const b = randomTensor(k, [4, 3], 100 + run);
    const made = k.graph(() => work(a, b)).map((tensor) => [...valuesOf(k, tensor)]);
    const other = k;
    k = plain;
    const [x, y] = [randomTensor(k, [rows, 4], run), randomTensor(k, [4, 3], 100 + run)];
    const expected = work(x, y).map((tensor) => [...valuesOf(k, tensor)]);
    k.free(x, y);
    k = other;
    k.free(a, b);
    expect(made).toEqual(expected);
    expect(made[0]).toHaveLength(rows);
  }
  expect(binding.graphs).toBe(1);
  expect(k.live).toBe(0);
});

test('a tensor of a graph can be taken by ops and graphs after it, and has its shape', () => {
  const a = randomTensor(k, [2, 4], 1);
  const b = randomTensor(k, [4, 3], 2);
  let sum = 0;
  for (let run = 0; run < runs; run++) {
    const [x, y] = k.graph(() => work(a, b));
    expect(k.liveBytes).toBe(4 * (8 + 12 + 2 + 4));
    const z = k.graph(() => k.add(k.take(k.sum(k.take(x), [0])), k.take(k.sum(k.take(k.exp(k.take(y))), [0, 1]))));
    const value = k.scalar(z);
    k.free(z);
    if (run > 0) expect(value).toBe(sum);
    sum = value;
  }
  k.free(a, b);
  expect(k.live).toBe(0);
});

test('a value that is asked for in between is there', () => {
  for (let run = 0; run < runs; run++) {
    const a = k.upload(Float32Array.of(run, 1), [2]);
    const { value, result } = k.graph(() => {
      const square = k.square(a);
      const first = k.download(square)[0];
      return { value: first, result: k.shift(k.take(square), first ?? NaN) };
    });
    expect(value).toBe(run ** 2);
    expect([...valuesOf(k, result)]).toEqual([2 * run ** 2, 1 + run ** 2]);
    k.free(a);
  }
  expect(k.live).toBe(0);
});

test('variables are read when they are asked for', () => {
  // Bug: an op on a variable within the graph, whose session knows no variables of the addon.
  const start = k.upload(Float32Array.of(1, 2), [2]);
  const variable = k.createVariable(start, [2]);
  for (let run = 0; run < runs; run++) {
    const sum = k.graph(() => {
      const before = k.readVariable(variable);
      const next = k.scale(before, 2);
      k.assignVariable(variable, next);
      return k.add(k.take(before), k.take(next));
    });
    expect([...valuesOf(k, sum)]).toEqual([3 * 2 ** run, 6 * 2 ** run]);
  }
  k.destroyVariable(variable);
  k.free(start);
  expect(k.live).toBe(0);
});

test('work that fails leaves nothing, and its arguments as they are', () => {
  const a = randomTensor(k, [2, 4], 1);
  const b = randomTensor(k, [4, 3], 2);
  const lent = k.alias(a);
  expect(() =>
    k.graph(() => {
      work(lent, b);
      k.free(lent);
      throw new Error('midway');
    }),
  ).toThrow('midway');
  expect(k.live).toBe(2);
  expect([
    ...valuesOf(
      k,
      k.graph(() => k.square(b)),
    ),
  ]).toHaveLength(12);
  k.free(a, b);
});

test.each(['at once', 'as a graph'])('ops that do not fit their tensors say so and leave nothing, run %s', (how) => {
  const a = randomTensor(k, [2, 4], 1);
  const b = randomTensor(k, [4, 3], 2);
  const c = randomTensor(k, [5, 3], 3);
  if (how === 'as a graph') for (let run = 0; run < runs; run++) k.free(...k.graph(() => work(a, b)));
  expect(() => k.graph(() => work(a, c))).toThrow(/op graph failed.*(?:incompatible|size)/is);
  expect(k.live).toBe(3);
  // What fits goes on as before.
  const graphs = binding.graphs;
  k.free(...k.graph(() => work(a, b)));
  expect(binding.graphs).toBe(graphs);
  k.free(a, b, c);
});

test.each(['loadSavedModel', 'runSavedModel'] as const)('where %s fails, ops are run one by one', (broken) => {
  binding = new GraphBinding({ ...counting(native), [broken]: () => fail() });
  k = new Kernels(binding);
  const a = randomTensor(k, [2, 4], 1);
  const b = randomTensor(k, [4, 3], 2);
  const values = Array.from({ length: runs }, () => k.graph(() => work(a, b)).map((t) => [...valuesOf(k, t)]));
  for (const own of values) expect(own).toEqual(values[0]);
  expect(binding.graphs).toBe(0);
  k.free(a, b);
  expect(k.live).toBe(0);
});

test('work that is repeated is run without going through it, on the tensors given', () => {
  const weight = randomTensor(k, [4, 3], 2);
  const repeated = new RepeatedGraph(k);
  let done = 0;
  for (let run = 0; run < runs; run++) {
    const a = randomTensor(k, [2, 4], run);
    const made = repeated.run('the same', [a], () => {
      done += 1;
      const [x, y] = work(a, weight);
      return [y, x];
    });
    const expected = [...k.graph(() => work(a, weight))].reverse();
    expect(made.map((tensor) => [...valuesOf(k, tensor)])).toEqual(expected.map((tensor) => [...valuesOf(k, tensor)]));
    k.free(a);
  }
  expect(done).toBe(2);
  k.free(weight);
  expect(k.live).toBe(0);
});

test('a tensor that stayed and is gone, or changes after all, is noticed', () => {
  // Bug: the weight of another time, or of another memory, in the answers.
  const repeated = new RepeatedGraph(k);
  const a = randomTensor(k, [2, 4], 1);
  for (let run = 0; run < runs; run++) {
    const weight = randomTensor(k, [4, 3], run);
    for (let time = 0; time < 3; time++) {
      const made = repeated.run('the same', [a], () => work(a, weight));
      const expected = k.graph(() => work(a, weight));
      const values = made.map((tensor) => [...valuesOf(k, tensor)]);
      expect(values).toEqual(expected.map((tensor) => [...valuesOf(k, tensor)]));
    }
    k.free(weight);
  }
  k.free(a);
  expect(k.live).toBe(0);
});

test('work without a result does not end graphs', () => {
  const a = randomTensor(k, [2, 4], 1);
  const b = randomTensor(k, [4, 3], 2);
  for (let run = 0; run < runs; run++) {
    k.graph(() => {
      k.free(...work(a, b));
    });
    k.free(...k.graph(() => work(a, b)));
  }
  expect(binding.graphs).toBe(1);
  k.free(a, b);
});

test('work that always differs is forgotten after a while, and what comes back is right', () => {
  // Bug: a tree of recordings that grows for as long as the process lives.
  const a = randomTensor(k, [1], 1);
  const [value = NaN] = k.download(a);
  const longWork = (turn: number): number => {
    const sum = k.graph(() => {
      let x = k.alias(a);
      for (let op = 0; op < 1000; op++)
        x = (turn >> Math.min(op, 7)) % 2 === 0 ? k.abs(k.take(x)) : k.square(k.take(x));
      return x;
    });
    const [result = NaN] = valuesOf(k, sum);
    return result;
  };
  const first = longWork(0);
  expect(first).toBe(Math.abs(value));
  let largest = 0;
  for (let turn = 1; turn < 128; turn++) {
    longWork(turn);
    largest = Math.max(largest, binding.recordedOps);
  }
  expect(largest).toBeGreaterThan(90_000);
  expect(largest).toBeLessThan(102_000);
  expect(longWork(0)).toBe(first);
  k.free(a);
  expect(k.live).toBe(0);
});

test('a graph is one call', () => {
  const a = randomTensor(k, [2, 4], 1);
  const b = randomTensor(k, [4, 3], 2);
  for (let run = 0; run < runs; run++) {
    calls.length = 0;
    k.free(...k.graph(() => work(a, b)));
  }
  expect(calls.filter((name) => name !== 'deleteTensor')).toEqual(['runSavedModel']);
  k.free(a, b);
});

function fail(): never {
  throw new Error('broken');
}

function counting(inner: NativeBinding): NativeBinding {
  const noted = <P extends readonly unknown[], R>(name: string, run: (...parameters: P) => R) => {
    return (...parameters: P): R => {
      calls.push(name);
      return run(...parameters);
    };
  };
  return {
    TF_Version: inner.TF_Version,
    isUsingGpuDevice: () => inner.isUsingGpuDevice(),
    createTensor: (...p) => inner.createTensor(...p),
    tensorDataSync: (id) => inner.tensorDataSync(id),
    deleteTensor: noted('deleteTensor', (id: number) => inner.deleteTensor(id)),
    executeOp: noted('executeOp', (...p: Parameters<NativeBinding['executeOp']>) => inner.executeOp(...p)),
    loadSavedModel: noted('loadSavedModel', (...p: [string, string]) => inner.loadSavedModel(...p)),
    runSavedModel: noted('runSavedModel', (...p: Parameters<NativeBinding['runSavedModel']>) =>
      inner.runSavedModel(...p),
    ),
    deleteSavedModel: noted('deleteSavedModel', (model: number) => inner.deleteSavedModel(model)),
  };
}
