// Token ids and decoded texts against the reference tokenizers library.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { tokenizerJson } from '../../../src-main/models/gguf/tokenizerJson.ts';
import { openModel } from '../../../src-main/models/open.ts';
import { createTokenizer } from '../../../src-main/models/tokenizer/tokenizer.ts';
import { goldenPath, storiesFolder } from '../../support/goldenPath.ts';

const { signal } = new AbortController();

interface GoldenRow {
  readonly text: string;
  readonly ids_with_special: number[];
  readonly ids_without_special: number[];
  readonly decoded: string;
  readonly decoded_skip_special: string;
}

const golden = JSON.parse(readFileSync(goldenPath('more', 'real', 'tokenizer.json'), 'utf8')) as Record<
  string,
  { rows: GoldenRow[] }
>;
const stories = golden['stories260K']?.rows ?? [];

describe.each([
  ['its tokenizer.json', storiesFolder],
  ['the scores in its GGUF file', path.join(storiesFolder, 'stories260K-f32.gguf')],
])('the tokenizer of stories260K from %s', (_, place) => {
  it('gives the recorded ids and texts of all 25 strings', async () => {
    const model = await openModel(place, signal);
    const tokenizer = await model.tokenizer();
    expect(stories).toHaveLength(25);
    for (const row of stories) {
      expect(tokenizer.encode(row.text, true), row.text).toEqual(row.ids_with_special);
      expect(tokenizer.encode(row.text, false), row.text).toEqual(row.ids_without_special);
      expect(tokenizer.decode(row.ids_without_special, false)).toBe(row.decoded);
      expect(tokenizer.decode(row.ids_with_special, true)).toBe(row.decoded_skip_special);
    }
    expect([tokenizer.bosId, tokenizer.eosIds, tokenizer.vocabularySize]).toEqual([1, [2], 512]);
    await model.close();
  });
});

describe('ways of cutting text named in GGUF files', () => {
  const reference = JSON.parse(readFileSync(path.join(import.meta.dirname, 'tokenizerReference.json'), 'utf8')) as {
    tokens: string[];
    merges: string[];
    rows: Record<string, { text: string; ids: number[]; some: number[]; decoded: string }[]>;
  };

  it.each(Object.entries(reference.rows))('%s cuts exactly as the reference, beyond ASCII too', (pre, rows) => {
    const { tokens, merges } = reference;
    const tokenizer = createTokenizer(
      {
        place: 'test',
        tokenizer: tokenizerJson({
          ...{ place: 'test', model: 'gpt2', pre, tokens, merges, types: [], scores: [], eosIds: [] },
          ...{
            bosId: undefined,
            eosId: undefined,
            unknownId: undefined,
            paddingId: undefined,
            chatTemplate: undefined,
          },
          ...{ addBos: false, addEos: false, addSpacePrefix: false },
        }),
        ...{ special: {}, generationEosIds: [], generationBosId: undefined, chatTemplate: undefined },
        largestId: tokens.length - 1,
      },
      undefined,
      () => new Date(0),
    );
    for (const row of rows) {
      expect(tokenizer.encode(row.text, false), JSON.stringify(row.text)).toEqual(row.ids);
      expect(tokenizer.decode(row.some, false)).toBe(row.decoded);
    }
  });
});
