/**
 * Ids of GPT-2, SmolLM2, Qwen2.5 and Llama 3 on 43 strings, against the reference library with the models' own
 * vocabularies; from tokenizer.json and from the metadata of a GGUF file. Would catch a wrong cut, merge order, normal
 * form, special token or decoding. modelTokenizers.json is made by generateModelTokenizers.py.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GgufFields } from '../../../src-main/models/families/ggufFields.ts';
import type { GgufValue } from '../../../src-main/models/gguf/header.ts';
import { tokenizerJson } from '../../../src-main/models/gguf/tokenizerJson.ts';
import { readVocabulary, tokenTypes } from '../../../src-main/models/gguf/vocabulary.ts';
import { createTokenizer } from '../../../src-main/models/tokenizer/tokenizer.ts';
import { readTokenizerFiles } from '../../../src-main/models/tokenizer/tokenizerFiles.ts';
import type { Tokenizer } from '../../../src-main/models/types.ts';

interface Reference {
  readonly tokenizer: {
    readonly added_tokens: readonly { readonly id: number; readonly content: string }[];
    readonly model: { readonly vocab: Readonly<Record<string, number>>; readonly merges: readonly string[] };
  };
  /** Number of each token in the whole vocabulary of the model. */
  readonly original: readonly number[];
  readonly rows: readonly { readonly text: string; readonly ids: readonly number[]; readonly decoded: string }[];
}
const references = JSON.parse(readFileSync(path.join(import.meta.dirname, 'modelTokenizers.json'), 'utf8')) as Readonly<
  Record<string, Reference>
>;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'sara-tokenizers-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function fromTokenizerJson({ tokenizer, original }: Reference): Promise<Tokenizer> {
  writeFileSync(path.join(folder, 'tokenizer.json'), JSON.stringify(tokenizer));
  return createTokenizer(await readTokenizerFiles(folder), original.length, () => new Date(0));
}

async function fromGguf({ tokenizer, original }: Reference, pre: string): Promise<Tokenizer> {
  const tokens = original.map(() => '');
  for (const [token, id] of Object.entries(tokenizer.model.vocab)) tokens[id] = token;
  const types: number[] = original.map(() => tokenTypes.normal);
  for (const { id, content } of tokenizer.added_tokens) {
    tokens[id] = content;
    types[id] = tokenTypes.control;
  }
  const metadata = new Map<string, GgufValue>([
    ['tokenizer.ggml.model', 'gpt2'],
    ['tokenizer.ggml.pre', pre],
    ['tokenizer.ggml.tokens', tokens],
    ['tokenizer.ggml.token_type', types],
    ['tokenizer.ggml.merges', tokenizer.model.merges],
    ['tokenizer.ggml.add_bos_token', false],
  ]);
  const vocabulary = readVocabulary(new GgufFields('test.gguf', 'llama', metadata, new Set()));
  const files = {
    place: 'test.gguf',
    tokenizer: tokenizerJson(vocabulary),
    special: {},
    generationEosIds: [],
    generationBosId: undefined,
    chatTemplate: undefined,
    largestId: tokens.length - 1,
  };
  return Promise.resolve(createTokenizer(files, tokens.length, () => new Date(0)));
}

describe.each(Object.entries(references))('%s', (pre, reference) => {
  it.each([
    ['tokenizer.json', fromTokenizerJson],
    ['the metadata of a GGUF file', fromGguf],
  ] as const)('gives the reference ids and texts from %s', async (_, make) => {
    const tokenizer = await make(reference, pre);
    expect(reference.rows.length).toBeGreaterThanOrEqual(43);
    for (const { text, ids, decoded } of reference.rows) {
      const own = tokenizer.encode(text, false);
      expect(
        own.map((id) => reference.original[id]),
        JSON.stringify(text),
      ).toEqual(ids);
      expect(tokenizer.decode(own, false), JSON.stringify(text)).toBe(decoded);
    }
  });
});
