// SmolLM2-135M-Instruct from its Q4_1 GGUF file: the whole import against recorded values of the reference libraries.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChatMessage } from '../../../src-main/contract/model.ts';
import { openModel } from '../../../src-main/models/open.ts';
import type { OpenedModel } from '../../../src-main/models/types.ts';
import { goldenPath } from '../../support/goldenPath.ts';
import { smollm2Path } from '../../support/smollm2Path.ts';

function readGolden(name: string): unknown {
  return JSON.parse(readFileSync(goldenPath('more', 'real', name), 'utf8'));
}

describe('SmolLM2-135M-Instruct', () => {
  let model: OpenedModel;
  beforeAll(async () => {
    model = await openModel(smollm2Path(), new AbortController().signal);
  });
  afterAll(() => model.close());

  it('is summed up from the metadata', () => {
    expect(model.summary).toMatchObject({
      format: 'gguf',
      family: 'llama',
      trainable: true,
      parameters: 134_515_008,
      dtypes: ['Q4_1', 'Q8_0', 'F32'],
      layers: 30,
      hiddenSize: 576,
      heads: 9,
      kvHeads: 3,
      vocabularySize: 49_152,
      tiedEmbeddings: true,
      hasChatTemplate: true,
      licence: 'apache-2.0',
      warnings: [],
    });
    expect(model.summary.targets).toHaveLength(210);
    expect(model.arch?.layers[0]?.attention.rope).toEqual({
      theta: 100_000,
      dimensions: 64,
      scaling: { type: 'none' },
    });
  });

  it('gives the recorded token ids and texts of all 25 strings', async () => {
    const tokenizer = await model.tokenizer();
    const golden = readGolden('tokenizer.json') as Record<
      string,
      { rows: { text: string; ids_with_special: number[]; ids_without_special: number[]; decoded: string }[] }
    >;
    const rows = golden['SmolLM2-135M-Instruct']?.rows ?? [];
    expect(rows).toHaveLength(25);
    for (const row of rows) {
      expect(tokenizer.encode(row.text, true), row.text).toEqual(row.ids_with_special);
      expect(tokenizer.encode(row.text, false), row.text).toEqual(row.ids_without_special);
      expect(tokenizer.decode(row.ids_without_special, false)).toBe(row.decoded);
    }
    expect(tokenizer.eosIds).toEqual([2]);
  });

  it('renders and tokenises the recorded conversations', async () => {
    const tokenizer = await model.tokenizer();
    const { rows } = readGolden('chat.json') as {
      rows: { messages: ChatMessage[]; add_generation_prompt: boolean; text: string; ids: number[] }[];
    };
    for (const row of rows) {
      const text = tokenizer.renderChat(row.messages, row.add_generation_prompt);
      expect(text).toBe(row.text);
      expect(tokenizer.encode(text, false)).toEqual(row.ids);
    }
  });

  it('dequantises a matrix to the very bits of the gguf package', async () => {
    const name = 'model.layers.29.mlp.down_proj.weight';
    const whole = await model.source.readRows(name, 0, 576);
    const digest = createHash('sha256').update(new Uint8Array(whole.buffer)).digest('hex');
    // sha256 of gguf.dequantize(tensor "blk.29.ffn_down.weight"), gguf 0.19.
    expect(digest).toBe('c19605745425a11e704e305ce3d27b632c406195d39eb3377e9cfb140ac643d1');
  });
});
