import { describe, expect, test } from 'vitest';
import { identifyPreTokenizer } from '../../../src-main/models/gguf/identifyPreTokenizer.ts';
import { preTokenizerOf } from '../../../src-main/models/gguf/preTokenizers.ts';
import { inGgufLayout } from '../../../src-main/models/gguf/layoutRows.ts';
import { tensorType } from '../../../src-main/models/gguf/tensorChoice.ts';
import { vocabularyOf } from '../../../src-main/models/gguf/vocabularyOf.ts';
import { tokenizerJson } from '../../../src-main/models/gguf/tokenizerJson.ts';
import { assertRepresentable, lostWindow } from '../../../src-main/models/gguf/representable.ts';
import { findFamily } from '../../../src-main/models/families/registry.ts';
import { openModel } from '../../../src-main/models/open.ts';
import { requireArch } from '../../../src-main/models/openedModel.ts';
import { createTokenizer } from '../../../src-main/models/tokenizer/tokenizer.ts';
import { readTokenizerFiles } from '../../../src-main/models/tokenizer/tokenizerFiles.ts';
import { goldenPath, storiesFolder } from '../../support/goldenPath.ts';
import { noSignal } from '../../support/tensorBackend.ts';

describe('the name of a way to cut text', () => {
  test.each(['gpt-2', 'smollm', 'llama-bpe', 'qwen2', 'tekken'])('%s is recognised', (name) => {
    const known = preTokenizerOf(name);
    const model = { type: 'BPE', ignore_merges: known?.ignoreMerges ?? false };
    expect(identifyPreTokenizer({ ...known, model })).toBe(name);
  });

  // Bug caught: guessing a name for an unknown expression gives other tokens in every other program.
  test('one that no program has a name for is none', () => {
    const step = { type: 'Split', pattern: { Regex: String.raw`\p{L}{1,2}` }, behavior: 'Isolated', invert: false };
    expect(identifyPreTokenizer({ pre_tokenizer: step, model: { type: 'BPE' } })).toBeUndefined();
    expect(identifyPreTokenizer({ pre_tokenizer: { type: 'Whitespace' }, model: { type: 'BPE' } })).toBeUndefined();
  });

  test('a normaliser that a GGUF file cannot state makes it none', () => {
    const gpt2 = preTokenizerOf('gpt-2');
    const model = { type: 'BPE' };
    expect(identifyPreTokenizer({ ...gpt2, normalizer: { type: 'Lowercase' }, model })).toBeUndefined();
    expect(identifyPreTokenizer({ ...gpt2, normalizer: { type: 'NFC' }, model })).toBeUndefined();
  });
});

describe('a vocabulary', () => {
  // Bug caught: scores in the wrong order join other pieces first.
  test('of SentencePiece kind gives the same tokens after going through its GGUF form', async () => {
    const files = await readTokenizerFiles(storiesFolder);
    const tokenizer = createTokenizer(files, 512, () => new Date(0));
    const vocabulary = vocabularyOf(files, tokenizer, 512);
    const back = createTokenizer({ ...files, tokenizer: tokenizerJson(vocabulary) }, 512, () => new Date(0));
    expect(vocabulary).toMatchObject({ model: 'llama', addBos: true, addSpacePrefix: true, bosId: 1, eosIds: [2] });
    for (const text of ['Once upon a time, Lily saw a big dog.', '  two  spaces\n', 'Größe 🙂']) {
      expect(back.encode(text, true)).toEqual(tokenizer.encode(text, true));
    }
  });

  test('is filled up to the rows of the embedding, and cut to them', async () => {
    const files = await readTokenizerFiles(storiesFolder);
    const tokenizer = createTokenizer(files, 512, () => new Date(0));
    const larger = vocabularyOf(files, tokenizer, 520);
    expect(larger.tokens).toHaveLength(520);
    expect(larger.tokens[519]).toBe('[PAD519]');
    expect(vocabularyOf(files, tokenizer, 500).tokens).toHaveLength(500);
  });

  test('of a kind that GGUF files do not hold is refused with the reason', async () => {
    const files = await readTokenizerFiles(storiesFolder);
    const tokenizer = createTokenizer(files, 512, () => new Date(0));
    const unigram = { ...files, tokenizer: { ...files.tokenizer, model: { type: 'Unigram', vocab: [] } } };
    expect(() => vocabularyOf(unigram, tokenizer, 512)).toThrow(/Unigram/);
  });
});

describe('the type of a tensor', () => {
  const at = (name: string, shape = [4096, 4096], quant: 'q4_k_m' | 'q8_0' | 'q4_0' | 'f16' = 'q4_k_m') =>
    tensorType(quant, name, shape, 32, false);

  // Source of the expected choice: llama.cpp, llama_tensor_get_type and use_more_bits.
  test('is that of Q4_K_M in llama.cpp', () => {
    expect(at('token_embd.weight')).toBe('Q6_K');
    expect(at('blk.0.attn_q.weight')).toBe('Q4_K');
    expect(at('blk.0.attn_v.weight')).toBe('Q6_K');
    expect(at('blk.4.attn_v.weight')).toBe('Q4_K');
    expect(at('blk.6.ffn_down.weight')).toBe('Q6_K');
    expect(at('blk.31.ffn_down.weight')).toBe('Q6_K');
    expect(at('blk.7.attn_qkv.weight')).toBe('Q5_K');
    expect(tensorType('q4_k_m', 'token_embd.weight', [4096, 4096], 32, true)).toBe('Q4_K');
    expect(tensorType('q4_k_m', 'output.weight', [4096, 4096], 32, true)).toBe('Q6_K');
  });

  test('is float32 for vectors, norms and learned positions, whatever is asked for', () => {
    for (const name of ['blk.0.attn_q.bias', 'output_norm.weight', 'blk.0.attn_q_norm.weight']) {
      expect(at(name, [4096], 'q8_0')).toBe('F32');
    }
    expect(at('position_embd.weight', [1024, 768], 'f16')).toBe('F32');
  });

  test('becomes a simpler one where its block does not divide the rows', () => {
    expect(at('blk.0.attn_q.weight', [576, 576])).toBe('Q5_0');
    expect(at('blk.0.attn_v.weight', [192, 576])).toBe('Q8_0');
    expect(at('blk.0.attn_q.weight', [64, 48], 'q8_0')).toBe('F16');
    expect(at('blk.0.attn_q.weight', [64, 48])).toBe('F16');
  });
});

describe('rows in the layout of GGUF files', () => {
  const rows = (shape: readonly number[]) => (from: number, count: number) =>
    Promise.resolve(Float32Array.from({ length: count * (shape[1] ?? 1) }, (_, i) => from * (shape[1] ?? 1) + i));

  // Bug caught: pieces that begin or end inside a head.
  test('are the same whether read in one piece or many', async () => {
    const shape = [24, 3];
    for (const layout of ['interleaved-query', 'transposed', 'plus-one', 'same'] as const) {
      const { shape: turned, readRows } = inGgufLayout(shape, rows(shape), layout, { query: 3, key: 1 });
      const [count = 0] = turned;
      const whole = await readRows(0, count);
      const pieces: number[] = [];
      for (let from = 0; from < count; from += 5) pieces.push(...(await readRows(from, Math.min(5, count - from))));
      expect(pieces).toEqual([...whole]);
    }
  });

  // W.reshape(heads, 2, rows / heads / 2).swapaxes(1, 2): 0 4 1 5 2 6 3 7 for one head of eight rows.
  test('of queries lie pair by pair', async () => {
    const shape = [8];
    const { readRows } = inGgufLayout(shape, rows(shape), 'interleaved-query', { query: 1, key: 1 });
    expect([...(await readRows(0, 8))]).toEqual([0, 4, 1, 5, 2, 6, 3, 7]);
  });
});

describe('a model that a GGUF file cannot state', () => {
  async function described(name: string) {
    const model = await openModel(goldenPath('more', name), noSignal);
    const family = findFamily(model.summary.family);
    await model.close();
    if (family === undefined) throw new Error('No family.');
    return { model, arch: requireArch(model), gguf: family.gguf };
  }

  test('is refused with what would be lost', async () => {
    const { model, arch, gguf } = await described('gemma2');
    expect(() => assertRepresentable(model, arch, gguf)).toThrow(/scale of attention scores/);
  });

  test.each(['mistral', 'qwen3', 'llama3', 'phi3', 'phi3-partial'])('%s is none', async (name) => {
    const { model, arch, gguf } = await described(name);
    expect(() => assertRepresentable(model, arch, gguf)).not.toThrow();
  });

  test('a window that runners do not keep is known', async () => {
    const { arch, gguf } = await described('mistral-window');
    expect(lostWindow(arch, gguf.architecture)).toBe(8);
    expect(lostWindow((await described('mistral')).arch, 'llama')).toBeUndefined();
    expect(lostWindow((await described('gemma2')).arch, 'gemma2')).toBeUndefined();
  });
});
