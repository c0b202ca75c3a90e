import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CheckpointState } from '../../../src-main/runs/checkpointState.schema.ts';
import {
  checkpointFolder,
  checkpointSteps,
  dropCheckpointsAfter,
  openCheckpoint,
  openNewestCheckpoint,
  pruneCheckpoints,
  writeCheckpoint,
} from '../../../src-main/runs/checkpoints.ts';

let run: string;
beforeEach(async () => {
  run = await mkdtemp(path.join(os.tmpdir(), 'sara-checkpoints-'));
});
afterEach(async () => {
  await rm(run, { recursive: true, force: true });
});

function state(step: number): CheckpointState {
  return {
    step,
    data: { epoch: 0, index: step },
    dataHash: 'abc',
    best: null,
    baseLoss: 2.5,
    evaluationsWithoutGain: 0,
    tokens: 10,
    elapsedSeconds: 1.5,
  };
}

function save(step: number, content = `adapter ${String(step)}`): Promise<string> {
  return writeCheckpoint(run, state(step), async (folder) => {
    await writeFile(path.join(folder, 'adapter.safetensors'), content);
    await writeFile(path.join(folder, 'optimizer.safetensors'), 'moments');
  });
}

describe('checkpoints', () => {
  it('gives back what was saved', async () => {
    const folder = await save(24);
    expect(path.basename(folder)).toBe('step-000024');
    const { checkpoint, damaged } = await openNewestCheckpoint(run);
    expect(checkpoint).toEqual({ step: 24, folder, state: state(24) });
    expect(damaged).toEqual([]);
    expect(await readFile(path.join(folder, 'adapter.safetensors'), 'utf8')).toBe('adapter 24');
  });

  it.each([
    ['a flipped byte of the adapter', 'adapter.safetensors', (f: string) => writeFile(f, 'adapter 25')],
    ['a cut optimizer file', 'optimizer.safetensors', (f: string) => truncate(f, 3)],
    ['a missing file', 'adapter.safetensors', (f: string) => rm(f)],
    ['a cut state file', 'state.json', (f: string) => truncate(f, 60)],
    [
      'a changed number in the state',
      'state.json',
      async (f: string) => writeFile(f, (await readFile(f, 'utf8')).replace('"tokens":10', '"tokens":11')),
    ],
  ])('falls back to the previous checkpoint after %s and names the file', async (_what, name, harm) => {
    await save(12);
    const newest = await save(24);
    await harm(path.join(newest, name));
    const { checkpoint, damaged } = await openNewestCheckpoint(run);
    expect(checkpoint.step).toBe(12);
    expect(damaged.map((error) => error.message)).toEqual([expect.stringContaining(path.join(newest, name))]);
  });

  it('says so when no checkpoint is sound or there is none', async () => {
    await expect(openNewestCheckpoint(run)).rejects.toMatchObject({ code: 'RUN_INVALID' });
    await rm(path.join(await save(3), 'adapter.safetensors'));
    await expect(openNewestCheckpoint(run)).rejects.toMatchObject({ code: 'CHECKPOINT_DAMAGED' });
  });

  it('leaves nothing of a checkpoint whose writing failed, and the earlier one of that step untouched', async () => {
    await save(5, 'first');
    const failing = writeCheckpoint(run, state(5), async (folder) => {
      await writeFile(path.join(folder, 'adapter.safetensors'), 'half');
      throw new Error('disk on fire');
    });
    await expect(failing).rejects.toThrow('disk on fire');
    expect(await readdir(path.join(run, 'checkpoints'))).toEqual(['step-000005']);
    expect(await readFile(path.join(checkpointFolder(run, 5), 'adapter.safetensors'), 'utf8')).toBe('first');
  });

  it('replaces a checkpoint of the same step', async () => {
    await save(5, 'first');
    await save(5, 'second');
    const { folder } = await openCheckpoint(run, 5);
    expect(await readFile(path.join(folder, 'adapter.safetensors'), 'utf8')).toBe('second');
    expect(await readdir(path.join(run, 'checkpoints'))).toEqual(['step-000005']);
  });

  it.each([
    [4, [4, 8, 10]],
    [10, [6, 8, 10]],
    [undefined, [8, 10]],
  ])('keeps the best (%s) and the newest two others', async (best, kept) => {
    for (const step of [2, 4, 6, 8, 10]) await save(step);
    await pruneCheckpoints(run, 2, best);
    expect(await checkpointSteps(run)).toEqual(kept);
  });

  it('drops later checkpoints when a run is resumed earlier', async () => {
    for (const step of [2, 4, 6]) await save(step);
    await dropCheckpointsAfter(run, 4);
    expect(await readdir(path.join(run, 'checkpoints'))).toEqual(['step-000002', 'step-000004']);
  });
});
