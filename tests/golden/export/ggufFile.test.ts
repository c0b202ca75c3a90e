/** Whole GGUF files against those that the gguf package wrote of the same models (fixtures). */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExportSource } from '../../../src-main/export/exportPlan.ts';
import { planGgufModel } from '../../../src-main/export/ggufModel.ts';
import { ByteFile } from '../../../src-main/models/byteFile.ts';
import { readGgufHeader } from '../../../src-main/models/gguf/header.ts';
import { openModel } from '../../../src-main/models/open.ts';
import { goldenPath } from '../../support/goldenPath.ts';
import { kernelsWithoutLeaks, noSignal } from '../../support/tensorBackend.ts';

const kernels = kernelsWithoutLeaks();
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sara-gguf-'));
});
afterAll(async () => rm(folder, { recursive: true }));

/** Tensors as [shape, type, data] by name. */
async function contents(file: string) {
  const opened = await ByteFile.open(file);
  const { tensors, metadata } = await readGgufHeader(opened);
  const data = new Map<string, readonly [string, string, string]>();
  for (const { name, shape, type, position, bytes } of tensors.values()) {
    const raw = Buffer.from(await opened.read(position, bytes));
    data.set(name, [shape.join(), type, raw.toString('base64')]);
  }
  await opened.close();
  return { data, metadata };
}

describe.each(['llama', 'qwen2', 'gpt2'])('%s', (family) => {
  // Bugs caught: q/k rows not interleaved (or for the wrong family), Conv1D not transposed, shapes in file order.
  test('a written file has the tensors, layouts and numbers of the reference file', async () => {
    const model = await openModel(goldenPath(family, 'model'), noSignal);
    try {
      const source: ExportSource = {
        model,
        kernels: kernels(),
        adapters: undefined,
        run: undefined,
        name: family,
        appVersion: '0.0.0',
        quant: 'f32',
      };
      const plan = await planGgufModel(source);
      const target = path.join(folder, family);
      await mkdir(target);
      await plan.write(target, { signal: noSignal, onProgress: () => undefined });
      const written = await contents(path.join(target, plan.mainFile ?? ''));
      const reference = await contents(goldenPath(family, 'base-f32.gguf'));
      expect(written.data).toEqual(reference.data);
      for (const [key, value] of reference.metadata) {
        // The reference has filler merges, since its writer cannot write an empty list.
        if (['general.name', 'tokenizer.ggml.merges', 'tokenizer.ggml.bos_token_id'].includes(key)) continue;
        expect([key, written.metadata.get(key)]).toEqual([key, value]);
      }
    } finally {
      await model.close();
    }
  });
});
