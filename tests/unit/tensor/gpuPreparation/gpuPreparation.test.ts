import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { kernelOps } from '../../../../src-main/tensor/gpuPreparation/kernelOps.ts';
import { GpuPreparation } from '../../../../src-main/tensor/gpuPreparation/gpuPreparation.ts';
import { nameGpu } from '../../../../src-main/tensor/gpuPreparation/nameGpu.ts';
import type { PreparedOp } from '../../../../src-main/tensor/gpuPreparation/preparedOp.ts';
import { AppError } from '../../../../src-main/util/appError.ts';
import { kernelsWithoutLeaks, noSignal } from '../../../support/tensorBackend.ts';
import { temporaryCache } from '../../../support/temporaryCache.ts';

const kernels = kernelsWithoutLeaks();
const cache = temporaryCache();
const gpu = { device: 'gpu', tensorflowVersion: '2.18.1' } as const;

/** What is told by a preparation of a process of its own. */
async function prepare(
  given: {
    readonly report?: { readonly device: 'cpu' | 'gpu'; readonly tensorflowVersion: string };
    readonly ops?: readonly PreparedOp[];
    readonly name?: string;
    readonly signal?: AbortSignal;
    readonly onOp?: (op: number) => void;
  } = {},
): Promise<number[]> {
  const { report = gpu, ops = kernelOps.slice(0, 5), name = 'NVIDIA H200, 570.86', signal = noSignal } = given;
  const told: number[] = [];
  await new GpuPreparation(ops, () => Promise.resolve(name)).prepare(
    { kernels: kernels(), report },
    signal,
    (op, total) => {
      expect(total).toBe(ops.length);
      told.push(op);
      given.onOp?.(op);
    },
  );
  return told;
}

test('every op is told of in order, and the next process skips them', async () => {
  expect(await prepare({ ops: kernelOps })).toEqual(kernelOps.map((_, i) => i + 1));
  expect(await prepare({ ops: kernelOps })).toEqual([]);
});

test('a process is prepared once', async () => {
  vi.stubEnv('CUDA_CACHE_DISABLE', '1'); // no marker
  const preparation = new GpuPreparation(kernelOps.slice(0, 2), () => Promise.resolve('a GPU'));
  const told: number[] = [];
  for (let time = 0; time < 2; time += 1) {
    await preparation.prepare({ kernels: kernels(), report: gpu }, noSignal, (op) => told.push(op));
  }
  expect(told).toEqual([1, 2]);
});

test('a CPU is not prepared', async () => {
  expect(await prepare({ report: { ...gpu, device: 'cpu' } })).toEqual([]);
  expect(readdirSync(cache())).toEqual([]);
});

test.each([
  ['another TensorFlow', { report: { ...gpu, tensorflowVersion: '2.19.0' } }],
  ['another driver', { name: 'NVIDIA H200, 580.01' }],
  ['more ops', { ops: kernelOps.slice(0, 6) }],
])('%s is prepared for itself', async (_what, other) => {
  await prepare();
  expect(await prepare(other)).not.toEqual([]);
  expect(await prepare(), 'the first is still known').toEqual([]);
});

test.each([
  ['CUDA_CACHE_PATH', '/elsewhere'],
  ['CUDA_VISIBLE_DEVICES', '1'],
  ['CUDA_CACHE_DISABLE', '1'],
])('with %s of another value nothing counts as compiled', async (variable, value) => {
  await prepare();
  vi.stubEnv(variable, value);
  expect(await prepare()).toHaveLength(5);
});

test('without a cache of CUDA no process leaves a marker', async () => {
  vi.stubEnv('CUDA_CACHE_DISABLE', '1');
  await prepare();
  expect(await prepare()).toHaveLength(5);
  expect(existsSync(path.join(cache(), 'gpu'))).toBe(false);
});

test('a cancel ends it before the next op, and the next process begins again', async () => {
  // Bug: a marker of a preparation that did not end.
  const ran: string[] = [];
  const watched = kernelOps.slice(0, 5).map((op) => ({
    ...op,
    run: (...given: Parameters<PreparedOp['run']>) => {
      ran.push(op.name);
      return op.run(...given);
    },
  }));
  const controller = new AbortController();
  const cancelled = prepare({
    ops: watched,
    signal: controller.signal,
    // As a message of the host does, after the third op was told of.
    onOp: (op) => op === 3 && controller.abort(),
  });
  await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(ran).toEqual(watched.slice(0, 2).map(({ name }) => name));
  expect(await prepare({ ops: watched })).toHaveLength(5);
});

test('messages are handled between two ops', async () => {
  // Bug: a loop without a turn of the event loop tells of everything at its end and cannot be cancelled.
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 0);
  const slow: PreparedOp = {
    name: 'slow',
    run() {
      const end = performance.now() + 5;
      while (performance.now() < end);
      return [];
    },
  };
  await prepare({ ops: Array.from({ length: 8 }, () => slow) });
  clearInterval(timer);
  expect(turns).toBeGreaterThanOrEqual(3);
});

test('an op that fails is passed over, and frees what it made', async () => {
  const failing: PreparedOp = {
    name: 'NoSuchOp',
    run: (k, x) => k.execute('NoSuchOp', [], [k.square(x)], 1),
  };
  expect(await prepare({ ops: [failing, ...kernelOps.slice(0, 2)] })).toEqual([1, 2, 3]);
  expect(await prepare({ ops: [failing, ...kernelOps.slice(0, 2)] })).toEqual([]);
});

test('a GPU that is full is not taken as prepared', async () => {
  const full: PreparedOp = {
    name: 'full',
    run() {
      throw new AppError('OUT_OF_MEMORY', 'full');
    },
  };
  await prepare({ ops: [full] });
  expect(await prepare({ ops: [full] })).toEqual([1]);
});

test('a cache that cannot be written costs nothing but the marker', async () => {
  vi.stubEnv('SARA_CACHE', path.join(import.meta.filename, 'below a file'));
  expect(await prepare()).toHaveLength(5);
});

test('a GPU whose name nobody tells is called unknown', async () => {
  expect(await nameGpu('no-such-program')).toBe('unknown');
  expect(await nameGpu('echo'), 'what the program says').toMatch(/name,driver_version/);
});
