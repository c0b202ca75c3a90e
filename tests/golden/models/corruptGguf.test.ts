// Every broken GGUF file gets the reaction that fixtures/corrupt/README.md demands.
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openModel } from '../../../src-main/models/open.ts';
import { appErrorOf } from '../../support/appErrorOf.ts';
import { goldenPath } from '../../support/goldenPath.ts';

const { signal } = new AbortController();

const refused: Readonly<Record<string, RegExp>> = {
  'empty.gguf': /is not a GGUF file/,
  'old-magic.gguf': /is not a GGUF file/,
  'version-0.gguf': /unsupported GGUF version 0/,
  'huge-tensor-count.gguf': /1152921504606846976 tensors, which is not possible in a file of \d+ bytes/,
  'huge-string.gguf': /string of 2305843009213693952 bytes.*beyond the end of the file/,
  'nested-arrays.gguf': /nesting is too deep/,
  'unknown-tensor-type.gguf': /"token_embd\.weight" the unknown tensor type 250/,
  'dimension-overflow.gguf': /"token_embd\.weight" beyond the end of the file.*4835703278458516698824896/,
  'offset-beyond-file.gguf': /"token_embd\.weight" beyond the end of the file/,
  'alignment-zero.gguf': /alignment 0; it must be a power of two of at least 8/,
  'duplicate-tensor.gguf': /tensor name "a\.weight" twice/,
  'truncated-tensor-info.gguf': /ends inside the list of tensors/,
  'name-not-utf8.gguf': /not valid UTF-8/,
};

describe('broken GGUF files', () => {
  it('has an expectation for every fixture', () => {
    const files = readdirSync(goldenPath('corrupt', 'gguf'));
    expect([...Object.keys(refused), 'sound.gguf'].sort()).toEqual(files.sort());
  });

  it.each(Object.entries(refused))('refuses %s in plain words', async (name, pattern) => {
    const file = goldenPath('corrupt', 'gguf', name);
    const error = await appErrorOf(openModel(file, signal));
    expect(error.code).toBe('GGUF_INVALID');
    expect(error.message).toMatch(pattern);
    expect(error.message).toContain(name);
  });

  it('opens the sound file and reads both tensors', async () => {
    const model = await openModel(goldenPath('corrupt', 'gguf', 'sound.gguf'), signal);
    const [matrix, ones] = [...model.source.tensors.values()].sort((a, b) => b.shape.length - a.shape.length);
    expect(matrix?.shape).toEqual([8, 8]);
    expect([...(await model.source.readRows(matrix?.name ?? '', 0, 8))]).toEqual(
      Array.from({ length: 64 }, (_, i) => i),
    );
    expect([...(await model.source.readRows(ones?.name ?? '', 0, 8))]).toEqual(new Array<number>(8).fill(1));
    // It states no architecture to train, and says so.
    expect(model.summary.trainable).toBe(false);
    expect(model.summary.reason).toMatch(/has no llama\./);
    await model.close();
  });
});
