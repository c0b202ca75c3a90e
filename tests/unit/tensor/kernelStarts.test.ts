import { expect, test } from 'vitest';
import { openBackend } from '../../../src-main/tensor/backend.ts';
import { Kernels } from '../../../src-main/tensor/kernels.ts';
import { startsBetween, type KernelStarts } from '../../../src-main/tensor/kernelStarts.ts';
import { kernelsWithoutLeaks } from '../../support/tensorBackend.ts';

const kernels = kernelsWithoutLeaks();

/** How much `work` starts. */
function started(k: Kernels, work: () => void): KernelStarts {
  const before = k.starts;
  work();
  return startsBetween(before, k.starts);
}

/** Eight ops. */
function eightOps(k: Kernels): void {
  let x = k.fill([3], 1.5);
  for (let i = 0; i < 7; i += 1) x = k.square(k.take(x));
  k.free(x);
}

test('every op by itself is one start', () => {
  const k = kernels();
  expect(started(k, () => eightOps(k))).toEqual({ starts: 8, ops: 8, graphs: 0 });
  // Uploads, constants and downloads start no kernel.
  const read = (): void => {
    const x = k.upload(Float32Array.of(1, 2), [2]);
    k.constant(123.25);
    k.download(x);
    k.free(x);
  };
  expect(started(k, read)).toEqual({ starts: 0, ops: 0, graphs: 0 });
});

test('an op that makes several tensors, or fails, is one start', () => {
  const k = kernels();
  const x = k.upload(Float32Array.of(1, 2), [2]);
  expect(started(k, () => k.free(...k.split(x, [1, 1], 0))).starts).toBe(1);
  expect(started(k, () => expect(() => k.execute('NoSuchOp', [], [x], 1)).toThrow()).starts).toBe(1);
  k.free(x);
});

test('a graph is one start however many ops it holds', async () => {
  const k = kernels();
  const { binding } = await openBackend();
  if (binding.isUsingGpuDevice()) return; // no graphs there
  const inGraph = (): void => {
    const result = k.graph(() => {
      let x = k.fill([5], 1.5);
      for (let i = 0; i < 7; i += 1) x = k.tanh(k.take(x));
      return x;
    });
    k.free(result);
  };
  // The first graph of a process tries out one op.
  inGraph();
  const each = Array.from({ length: 12 }, () => started(k, inGraph));
  // Op by op first; then one graph, which counts as one start with the same ops in it.
  expect(each[0]).toEqual({ starts: 8, ops: 8, graphs: 0 });
  expect(each.at(-1)).toEqual({ starts: 1, ops: 8, graphs: 1 });
  expect(each.every(({ ops }) => ops === 8)).toBe(true);
});

test('a binding without graphs, as that of a GPU, counts as well', async () => {
  const { binding } = await openBackend();
  const k = new Kernels({
    createTensor: (...given) => binding.createTensor(...given),
    deleteTensor: (id) => binding.deleteTensor(id),
    tensorDataSync: (id) => binding.tensorDataSync(id),
    executeOp: (...given) => binding.executeOp(...given),
    isUsingGpuDevice: () => true,
    TF_Version: binding.TF_Version,
  });
  expect(started(k, () => eightOps(k))).toEqual({ starts: 8, ops: 8, graphs: 0 });
  expect(started(k, () => k.graph(() => eightOps(k)))).toEqual({ starts: 8, ops: 8, graphs: 0 });
});
