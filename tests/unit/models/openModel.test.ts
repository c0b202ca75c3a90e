import { appendFile, cp, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openModel } from '../../../src-main/models/open.ts';
import { SafetensorsFile } from '../../../src-main/models/safetensors/reader.ts';
import { tensorToWrite, writeSafetensors } from '../../../src-main/models/safetensors/writer.ts';
import { appErrorOf } from '../../support/appErrorOf.ts';
import { goldenPath, storiesFolder } from '../../support/goldenPath.ts';

const { signal } = new AbortController();

describe('opening a model', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sara-'));
    vi.stubEnv('SARA_CACHE', path.join(folder, 'cache'));
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });

  /** The tensors of a fixture under other names, with its config.json. */
  async function renamed(fixture: string, rename: (name: string) => string, more: string[] = []): Promise<string> {
    const target = path.join(folder, 'model');
    await mkdir(target);
    await cp(path.join(goldenPath(fixture), 'config.json'), path.join(target, 'config.json'));
    const source = await SafetensorsFile.open(path.join(goldenPath(fixture), 'model.safetensors'));
    const tensors = [];
    for (const entry of source.entries.values()) {
      const values = await source.readValues(entry.name, 0, entry.bytes / 4);
      tensors.push(tensorToWrite(rename(entry.name), entry.shape, values));
    }
    for (const name of more) tensors.push(tensorToWrite(name, [2], new Float32Array(2)));
    await writeSafetensors(path.join(target, 'model.safetensors'), tensors);
    await source.close();
    return target;
  }

  it('takes GPT-2 checkpoints of the bare decoder, with their computed masks', async () => {
    const target = await renamed('gpt2/model', (name) => name.replace('transformer.', ''), ['h.0.attn.bias']);
    const model = await openModel(target, signal);
    expect(model.summary.trainable).toBe(true);
    expect([...model.source.tensors.keys()]).toContain('transformer.h.1.attn.c_attn.bias');
    expect([...model.source.tensors.keys()].filter((name) => name.endsWith('.attn.bias'))).toEqual([]);
    expect(await model.source.readRows('transformer.ln_f.weight', 0, 2)).toHaveLength(2);
    await model.close();
  });

  it('leaves out rotary frequencies and the copy of a tied head', async () => {
    const target = await renamed('llama/model', (name) => name, [
      'lm_head.weight',
      'model.layers.0.self_attn.rotary_emb.inv_freq',
    ]);
    const model = await openModel(target, signal);
    expect(model.arch?.head).toBeUndefined();
    expect(model.summary.parameters).toBe(108_864);
    await model.close();
  });

  it('names a tensor whose shape does not fit the configuration', async () => {
    const target = await renamed('llama/model', (name) => name);
    const config = path.join(target, 'config.json');
    const text = await readFile(config, 'utf8');
    await writeFile(config, text.replace('"intermediate_size": 176', '"intermediate_size": 160'));
    const error = await appErrorOf(openModel(target, signal));
    expect(error.code).toBe('TENSOR_INVALID');
    expect(error.message).toMatch(/mlp\.gate_proj\.weight.*\[176, 64\].*\[160, 64\]/);
  });

  it('opens quantised weights for a look and says why they cannot be trained', async () => {
    const target = await renamed('llama/model', (name) => name.replace('q_proj.weight', 'q_proj.qweight'));
    const file = path.join(target, 'config.json');
    const config = JSON.parse(await readFile(file, 'utf8')) as object;
    await writeFile(file, JSON.stringify({ ...config, quantization_config: { quant_method: 'gptq' } }));
    const model = await openModel(target, signal);
    expect(model.summary).toMatchObject({ trainable: false, reason: expect.stringContaining('(gptq)') as string });
    await model.close();
  });

  it('remembers the hash by path, size and time, and hashes again when the file has changed', async () => {
    const target = path.join(folder, 'copy');
    await cp(storiesFolder, target, { recursive: true });
    const hashOf = async (place: string): Promise<string> => {
      const model = await openModel(place, signal);
      try {
        return await model.source.hash();
      } finally {
        await model.close();
      }
    };
    const first = await hashOf(target);
    const memos = await readdir(path.join(folder, 'cache', 'hashes'));
    expect(memos).toHaveLength(1);
    expect(await hashOf(storiesFolder)).toBe(first);
    await writeFile(path.join(folder, 'cache', 'hashes', memos[0] ?? ''), 'f'.repeat(64));
    expect(await hashOf(target)).toBe('f'.repeat(64));
    await utimes(path.join(target, 'model.safetensors'), 1, 1);
    expect(await hashOf(target)).toBe(first);
  });

  it('stops hashing when cancelled', async () => {
    const model = await openModel(storiesFolder, signal);
    const controller = new AbortController();
    controller.abort();
    expect((await appErrorOf(model.source.hash(controller.signal))).code).toBe('CANCELLED');
    await model.close();
  });

  it('takes the licence from the front matter, else from the licence text, and carries the files', async () => {
    const target = path.join(folder, 'copy');
    await cp(storiesFolder, target, { recursive: true });
    await writeFile(path.join(target, 'LICENSE'), 'MIT License\n\nCopyright');
    const byText = await openModel(target, signal);
    expect(byText.summary.licence).toBe('mit');
    expect(byText.carriedFiles.map(({ name }) => name)).toEqual([
      'tokenizer.json',
      'tokenizer_config.json',
      'generation_config.json',
      'LICENSE',
    ]);
    await byText.close();
    await writeFile(path.join(target, 'README.md'), '---\ntags: [a]\nlicense: apache-2.0\n---\n# A');
    const byReadme = await openModel(target, signal);
    expect(byReadme.summary.licence).toBe('apache-2.0');
    await byReadme.close();
  });

  it('says what a folder lacks', async () => {
    expect((await appErrorOf(openModel(path.join(folder, 'nowhere'), signal))).code).toBe('FILE_NOT_FOUND');
    await mkdir(path.join(folder, 'empty'));
    expect((await appErrorOf(openModel(path.join(folder, 'empty'), signal))).message).toMatch(/has no config\.json/);
    await cp(path.join(storiesFolder, 'config.json'), path.join(folder, 'empty', 'config.json'));
    expect((await appErrorOf(openModel(path.join(folder, 'empty'), signal))).message).toMatch(
      /neither model\.safetensors/,
    );
  });

  it('refuses a file with bytes that belong to no tensor', async () => {
    const target = path.join(folder, 'copy');
    await cp(storiesFolder, target, { recursive: true });
    await appendFile(path.join(target, 'model.safetensors'), 'x');
    expect((await appErrorOf(openModel(target, signal))).message).toMatch(/1 bytes after its last tensor/);
  });
});
