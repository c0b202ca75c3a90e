// Dequantised blocks and whole files against values of the gguf package and the safetensors twins.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dequantize } from '../../../src-main/models/gguf/dequantize.ts';
import { openModel } from '../../../src-main/models/open.ts';
import { SafetensorsFile } from '../../../src-main/models/safetensors/reader.ts';
import type { StoredType } from '../../../src-main/models/types.ts';
import { goldenPath, storiesFolder } from '../../support/goldenPath.ts';

const { signal } = new AbortController();

describe('block formats', () => {
  const { types } = JSON.parse(readFileSync(goldenPath('more', 'gguf', 'dequant.json'), 'utf8')) as {
    types: Record<StoredType, object>;
  };
  let file: SafetensorsFile;
  beforeAll(async () => {
    file = await SafetensorsFile.open(goldenPath('more', 'gguf', 'dequant.safetensors'));
  });
  afterAll(() => file.close());

  it('covers 13 formats', () => {
    expect(Object.keys(types)).toHaveLength(13);
  });

  it.each(Object.keys(types) as StoredType[])('%s gives exactly the reference values', async (type) => {
    const raw = file.entry(`${type}.raw`);
    const values = file.entry(`${type}.f32`).bytes / 4;
    const expected = await file.readValues(`${type}.f32`, 0, values);
    const actual = new Float32Array(values);
    dequantize(type, await file.file.read(raw.position, raw.bytes), actual);
    // == takes −0 for 0, as the reference computes some zeros with the other sign.
    expect(actual.findIndex((value, i) => value !== expected[i])).toBe(-1);
  });
});

describe('a GGUF file under Hugging Face names', () => {
  const twins: readonly (readonly [string, string, string])[] = [
    ['llama', goldenPath('llama', 'base-f32.gguf'), goldenPath('llama', 'model')],
    ['qwen2', goldenPath('qwen2', 'base-f32.gguf'), goldenPath('qwen2', 'model')],
    ['gpt2', goldenPath('gpt2', 'base-f32.gguf'), goldenPath('gpt2', 'model')],
    ['stories260K', `${storiesFolder}/stories260K-f32.gguf`, storiesFolder],
  ];

  it.each(twins)('%s has the tensors of its safetensors twin, also read from the middle', async (_, gguf, folder) => {
    const [a, b] = [await openModel(gguf, signal), await openModel(folder, signal)];
    expect([...a.source.tensors.keys()].sort()).toEqual([...b.source.tensors.keys()].sort());
    for (const [name, { shape }] of b.source.tensors) {
      expect(a.source.tensors.get(name)?.shape).toEqual(shape);
      const rows = shape[0] ?? 0;
      for (const [from, count] of [
        [0, rows],
        [3, Math.min(rows - 3, 13)],
      ] as const) {
        const [left, right] = [await a.source.readRows(name, from, count), await b.source.readRows(name, from, count)];
        expect(left).toHaveLength(right.length);
        expect(
          left.findIndex((value, i) => value !== right[i]),
          name,
        ).toBe(-1);
      }
    }
    await Promise.all([a.close(), b.close()]);
  });

  it.each(twins)('%s is the same architecture as its twin', async (_, gguf, folder) => {
    const [a, b] = [await openModel(gguf, signal), await openModel(folder, signal)];
    expect(a.arch).toBeDefined();
    expect(a.arch).toEqual(b.arch);
    expect(a.summary.targets).toEqual(b.summary.targets);
    await Promise.all([a.close(), b.close()]);
  });
});
