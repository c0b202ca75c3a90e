import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { saraSchema } from '../../../src-main/contract/methods.schema.ts';
import { readAdapterFile, writeAdapterFile, writeTensors } from '../../../src-main/training/adapterFile.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sara-adapter-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const tensors = new Map([
  ['model.layers.0.q_proj.A', { shape: [2, 3], data: Float32Array.from([1, -0, 1e-45, 3e38, 1 / 3, -7]) }],
  ['model.layers.0.q_proj.lambda', { shape: [2], data: Float32Array.of(0.25, 0.5) }],
]);

describe('the native adapter file', () => {
  it('gives back method, base and tensors bit for bit', async () => {
    const file = path.join(folder, 'adapter.safetensors');
    const adapter = {
      method: saraSchema.parse({ name: 'sara', threshold: 0.05, init: 'svd', scaling: 2 }),
      base: { name: 'SmolLM2', sha256: 'abc' },
      tensors,
    };
    await writeAdapterFile(file, adapter);
    const read = await readAdapterFile(file);
    expect(read).toEqual(adapter);
    for (const [name, { data }] of tensors) {
      expect(new Uint8Array(read.tensors.get(name)?.data.buffer ?? new ArrayBuffer(0))).toEqual(
        new Uint8Array(data.buffer),
      );
    }
  });

  it('is not mistaken for another safetensors file', async () => {
    const file = path.join(folder, 'model.safetensors');
    await writeTensors(file, tensors, { format: 'pt' });
    await expect(readAdapterFile(file)).rejects.toMatchObject({
      code: 'CHECKPOINT_DAMAGED',
      message: /model\.safetensors/,
    });
  });
});
