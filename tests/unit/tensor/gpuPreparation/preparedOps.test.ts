import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { decompositionOps } from '../../../../src-main/svd/decompositionOps.ts';
import { openBackend } from '../../../../src-main/tensor/backend.ts';
import { kernelOps } from '../../../../src-main/tensor/gpuPreparation/kernelOps.ts';
import { runOp } from '../../../../src-main/tensor/gpuPreparation/runOnce.ts';
import { Kernels } from '../../../../src-main/tensor/kernels.ts';
import { kernelsWithoutLeaks } from '../../../support/tensorBackend.ts';

const kernels = kernelsWithoutLeaks();
const ops = [...kernelOps, ...decompositionOps];

test.each(ops.map((op) => [op.name, op] as const))('%s runs, and is what its name says', async (name, op) => {
  // Bugs: attributes or shapes that TensorFlow refuses, which a preparation passes over; a tensor that is not given back.
  runOp(kernels(), op);
  expect([...(await executedBy(op))]).toContain(name.split(' ')[0]);
});

test('names tell ops apart', () => {
  expect(new Set(ops.map(({ name }) => name)).size).toBe(ops.length);
});

test('every op that the engine uses is among those that are prepared', async () => {
  const executed = new Set<string>();
  for (const op of ops) for (const name of await executedBy(op)) executed.add(name);
  const used = opsInSources();
  // The search itself: an op of kernels.ts, one behind `execute` and one behind a helper of float64.ts.
  expect([...used]).toEqual(expect.arrayContaining(['AddV2', 'Softmax', 'ResourceApplyAdam', 'Svd', 'Qr', 'Empty']));
  expect([...used].filter((name) => !executed.has(name))).toEqual([]);
});

/** The ops that running one of the list starts. */
async function executedBy(op: (typeof ops)[number]): Promise<ReadonlySet<string>> {
  const { binding } = await openBackend();
  const names = new Set<string>();
  const watched = new Kernels({
    createTensor: (...given) => binding.createTensor(...given),
    deleteTensor: (id) => binding.deleteTensor(id),
    tensorDataSync: (id) => binding.tensorDataSync(id),
    isUsingGpuDevice: () => binding.isUsingGpuDevice(),
    TF_Version: binding.TF_Version,
    executeOp(...given) {
      names.add(given[0]);
      return binding.executeOp(...given);
    },
  });
  runOp(watched, op);
  expect(watched.live, 'tensors left by the op').toBe(0);
  return names;
}

/** Names of ops in the calls that run one, in all of src-main; `name` and `op` are parameters passed on. */
function opsInSources(): Set<string> {
  const call = /(?:#one|#run|#product|\bexecute|\bone|\bpair|\bunary)\(\s*(?:k,\s*)?([^(),]+),/g;
  const root = path.join(import.meta.dirname, '..', '..', '..', '..', 'src-main');
  const found = new Set<string>();
  for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts') || file.includes('gpuPreparation')) continue;
    const source = readFileSync(path.join(root, file), 'utf8');
    for (const [whole, argument = ''] of source.matchAll(call)) {
      const [, name] = /'([A-Z]\w+)'/.exec(argument) ?? [];
      if (name !== undefined) found.add(name);
      else if (file.endsWith('kernels.ts'))
        expect(whole, 'a call with an op that this test cannot read').toMatch(/name/);
    }
  }
  return found;
}
