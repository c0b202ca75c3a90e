/** What becomes of a training on a device whose memory ends, as TensorFlow tells it. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { proposalIn } from '../../../src-main/contract/memoryProposal.ts';
import type { TrainEvent } from '../../../src-main/contract/training.ts';
import { readRun } from '../../../src-main/runs/runFolder.ts';
import { openBackend } from '../../../src-main/tensor/backend.ts';
import type { Binding } from '../../../src-main/tensor/binding.ts';
import { Kernels } from '../../../src-main/tensor/kernels.ts';
import { appErrorOf } from '../../support/appErrorOf.ts';
import { makeDataFolder, resume, start, stepLosses, storiesConfig } from './storiesRun.ts';

let folder: Awaited<ReturnType<typeof makeDataFolder>>;
beforeAll(async () => {
  folder = await makeDataFolder();
});
afterAll(() => folder.remove());

const refusal =
  'OOM when allocating tensor with shape[4,8,64,64] and type float on ' +
  '/job:localhost/replica:0/task:0/device:GPU:0 by allocator GPU_0_bfc';

/** A device that gives no more memory for the largest op of a step once it is full. */
class FullDevice {
  full = false;
  readonly kernels: Kernels;

  constructor(binding: Binding) {
    this.kernels = new Kernels({
      TF_Version: binding.TF_Version,
      createTensor: (...given) => binding.createTensor(...given),
      deleteTensor: (id) => binding.deleteTensor(id),
      tensorDataSync: (id) => binding.tensorDataSync(id),
      isUsingGpuDevice: () => true,
      executeOp: (name, ...rest) => {
        if (this.full && name === 'BatchMatMulV2') throw new Error(refusal);
        return binding.executeOp(name, ...rest);
      },
    });
  }
}

test('memory that ends in a step becomes a proposal; the run goes on from its checkpoint, and the proposal trains', async () => {
  // Bug: a graphics card that is full ends the engine, or leaves a run that nobody can go on with.
  const device = new FullDevice((await openBackend()).binding);
  const config = storiesConfig(folder.data, { saveEvery: 2 });
  const run = path.join(folder.folder, 'full');
  const events: TrainEvent[] = [];
  const error = await appErrorOf(
    start(
      config,
      run,
      {
        events,
        onEvent: (event) => {
          if (event.event === 'step' && event.step === 5) device.full = true;
        },
      },
      device.kernels,
    ),
  );
  expect(error).toMatchObject({ code: 'OUT_OF_MEMORY', message: expect.stringContaining('--batch-size 2') as unknown });
  expect(proposalIn(error.details)).toEqual({ batchSize: 2, accumulation: 2, activationCheckpointing: false });
  expect(device.kernels.live).toBe(0);
  expect((await readRun(run)).state).toBe('failed');
  expect((await readdir(run)).filter((name) => name.startsWith('.'))).toEqual([]);

  const whole: TrainEvent[] = [];
  const { kernels } = new FullDevice((await openBackend()).binding);
  await start(config, path.join(folder.folder, 'whole'), { events: whole }, kernels);
  await resume(run, { events }, kernels);
  expect([...stepLosses(events)]).toEqual([...stepLosses(whole)]);

  const proposed = storiesConfig(folder.data, { ...proposalIn(error.details) });
  expect(await start(proposed, path.join(folder.folder, 'smaller'), { events: [] })).toMatchObject({ state: 'done' });
});
