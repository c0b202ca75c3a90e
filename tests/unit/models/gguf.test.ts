import { readFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { llama3Scaling } from '../../../src-main/models/gguf/ropeFactors.ts';
import { mergesFromScores } from '../../../src-main/models/gguf/spmMerges.ts';
import { openModel } from '../../../src-main/models/open.ts';
import { createTokenizer } from '../../../src-main/models/tokenizer/tokenizer.ts';
import { readTokenizerFiles } from '../../../src-main/models/tokenizer/tokenizerFiles.ts';
import { goldenPath, storiesFolder } from '../../support/goldenPath.ts';

const { signal } = new AbortController();

describe('what an export writes for a GGUF base', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sara-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it.each([path.join(storiesFolder, 'stories260K-f32.gguf'), goldenPath('qwen2', 'base-f32.gguf')])(
    'opens again as a Hugging Face tokenizer with the same ids: %#',
    async (file) => {
      const model = await openModel(file, signal);
      for (const carried of model.carriedFiles) await writeFile(path.join(folder, carried.name), await carried.read());
      const own = await model.tokenizer();
      const written = createTokenizer(await readTokenizerFiles(folder), undefined, () => new Date(0));
      for (const text of ['Once upon a time', ' 12 é日本 \n', '<s> x </s>']) {
        expect(written.encode(text, true)).toEqual(own.encode(text, true));
      }
      expect([written.bosId, written.eosIds]).toEqual([own.bosId, own.eosIds]);
      await model.close();
    },
  );

  it('is a configuration that describes the same decoder', async () => {
    const model = await openModel(goldenPath('gpt2', 'base-f32.gguf'), signal);
    const original = JSON.parse(await readFile(goldenPath('gpt2', 'model', 'config.json'), 'utf8')) as object;
    const { n_inner, ...config } = model.config;
    expect(n_inner).toBe(256);
    const expected = { ...original, torch_dtype: 'float32' } as Record<string, unknown>;
    for (const [key, value] of Object.entries(config)) expect([key, expected[key]]).toEqual([key, value]);
    await model.close();
  });
});

describe('rotary divisors', () => {
  /** Written with numpy from transformers' formula for Llama 3.2 1B: head size 64, factor 32. */
  it('become the parameters of Llama 3 scaling', () => {
    const divisors = Float32Array.from({ length: 32 }, (_, i) => {
      const wavelength = 2 * Math.PI * 500_000 ** (i / 32);
      if (wavelength < 8192 / 4) return 1;
      if (wavelength > 8192) return 32;
      const smooth = (8192 / wavelength - 1) / 3;
      return 1 / ((1 - smooth) / 32 + smooth);
    });
    expect(llama3Scaling(divisors, 500_000)).toMatchObject({ factor: 32, original_max_position_embeddings: 8192 });
    divisors[20] = 7;
    expect(llama3Scaling(divisors, 500_000)).toBeUndefined();
  });
});

describe('merges from scores', () => {
  it('join what has the highest score first and never make control tokens', () => {
    const tokens = ['<s>', 'a', 'b', 'c', 'ab', 'bc', 'abc', '<0x0A>'];
    const scores = [0, -1, -2, -3, -8, -6, -9, 0];
    const types = [3, 1, 1, 1, 1, 1, 1, 6];
    expect(mergesFromScores(tokens, scores, types)).toEqual([
      ['b', 'c'],
      ['a', 'b'],
      ['a', 'bc'],
      ['ab', 'c'],
    ]);
  });
});
