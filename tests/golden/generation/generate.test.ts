import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChatMessage } from '../../../src-main/contract/model.ts';
import { Decoder } from '../../../src-main/decoder/decoder.ts';
import { generateTokens } from '../../../src-main/generation/generate.ts';
import { promptIds } from '../../../src-main/generation/prompt.ts';
import { openModel } from '../../../src-main/models/open.ts';
import type { OpenedModel, Tokenizer } from '../../../src-main/models/types.ts';
import { registryModelPath } from '../../../src-main/samples/sampleModels.ts';
import { openBackend } from '../../../src-main/tensor/backend.ts';
import type { Kernels } from '../../../src-main/tensor/kernels.ts';

interface Recorded {
  readonly prompt: string;
  readonly prompt_ids: readonly number[];
  readonly new_ids: readonly number[];
  readonly new_text: string;
}

const file = JSON.parse(
  readFileSync(path.join(import.meta.dirname, '../fixtures/more/real/generation.json'), 'utf8'),
) as {
  readonly stories260K: { readonly rows: Recorded[] };
  readonly 'SmolLM2-135M-Instruct': { readonly rows: RecordedChat[] };
};
const recorded = file.stories260K.rows;
/** Only where the app has fetched it before. */
const smolLm2 = registryModelPath('smollm2-135m-instruct');

interface RecordedChat extends Omit<Recorded, 'prompt'> {
  readonly prompt: readonly ChatMessage[];
  readonly new_ids_up_to_end_token: readonly number[];
}

const { signal } = new AbortController();
const greedy = { maxNewTokens: 24, temperature: 0, seed: 0, endIds: [] };
let kernels: Kernels;
let model: OpenedModel;
let tokenizer: Tokenizer;
let decoder: Decoder;
let liveBefore: number;

beforeAll(async () => {
  ({ kernels } = await openBackend());
  liveBefore = kernels.live;
  model = await openModel(path.join(import.meta.dirname, '../../../resources/samples/stories260K'), signal);
  if (!model.arch) throw new Error('stories260K has no architecture.');
  tokenizer = await model.tokenizer();
  decoder = await Decoder.load(kernels, model.arch, model.source, {}, signal);
});
afterAll(async () => {
  decoder.dispose();
  await model.close();
  expect(kernels.live).toBe(liveBefore);
});

describe('greedy generation of stories260K', () => {
  it.each(recorded)('gives the recorded tokens after "$prompt"', async (row) => {
    expect(promptIds(row.prompt, tokenizer, undefined)).toEqual(row.prompt_ids);
    const [answer] = await generateTokens(decoder, [row.prompt_ids], greedy, signal);
    expect(answer?.ids).toEqual(row.new_ids);
    expect(tokenizer.decode(answer?.ids ?? [], true)).toBe(row.new_text);
  });

  it('gives the same tokens for prompts of different lengths side by side', async () => {
    const prompts = [...recorded, ...recorded.toReversed()].map((row) => row.prompt_ids);
    const answers = await generateTokens(decoder, prompts, greedy, signal);
    expect(answers.map((answer) => answer.ids)).toEqual(
      [...recorded, ...recorded.toReversed()].map((row) => row.new_ids),
    );
  });

  it('ends at an end token, which is not part of the answer, while other sequences go on', async () => {
    const [first, second] = recorded;
    if (!first || !second) throw new Error('Two rows are recorded.');
    // A token that the first answer reaches and the second does not.
    const end = first.new_ids.find((id) => !second.new_ids.includes(id)) ?? -1;
    const answers = await generateTokens(
      decoder,
      [first.prompt_ids, second.prompt_ids],
      { ...greedy, endIds: [end] },
      signal,
    );
    expect(answers[0]).toEqual({ ids: first.new_ids.slice(0, first.new_ids.indexOf(end)), stopped: 'end-token' });
    expect(answers[1]).toEqual({ ids: second.new_ids, stopped: 'length' });
  });

  it('draws the same tokens from the same seed, whatever else is answered beside', async () => {
    const prompt = recorded[0]?.prompt_ids ?? [];
    const warm = { ...greedy, temperature: 1, seed: 3 };
    const [alone] = await generateTokens(decoder, [prompt], warm, signal);
    const [first, second] = await generateTokens(decoder, [prompt, prompt], warm, signal);
    expect(first?.ids).toEqual(alone?.ids);
    expect(second?.ids).not.toEqual(first?.ids);
  });

  it('stops when the context is full, and says so of a prompt that fills it', async () => {
    const { contextLength } = decoder.arch;
    const prompt = Array.from({ length: contextLength - 3 }, (_, i) => (i === 0 ? 1 : 400 + (i % 50)));
    const [answer] = await generateTokens(decoder, [prompt], greedy, signal);
    expect(answer).toMatchObject({ stopped: 'length' });
    expect(answer?.ids).toHaveLength(3);
    const full = [...prompt, 400, 401, 402];
    await expect(generateTokens(decoder, [full], greedy, signal)).rejects.toMatchObject({
      code: 'SETTINGS_INVALID',
      message: new RegExp(`${String(contextLength)} tokens`),
    });
    await expect(generateTokens(decoder, [[]], greedy, signal)).rejects.toMatchObject({ code: 'SETTINGS_INVALID' });
  });

  it('ends with CANCELLED and frees its cache when it is aborted between two tokens', async () => {
    const controller = new AbortController();
    const live = kernels.live;
    const tokens: number[] = [];
    const running = generateTokens(decoder, [recorded[0]?.prompt_ids ?? []], greedy, controller.signal, (_p, id) => {
      tokens.push(id);
      if (tokens.length === 5) controller.abort();
    });
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(tokens).toHaveLength(5);
    expect(kernels.live).toBe(live);
  });
});

describe('greedy generation of SmolLM2-135M-Instruct', () => {
  it.skipIf(smolLm2 === undefined)('gives the recorded tokens after rendered conversations', async () => {
    const chat = await openModel(smolLm2 ?? '', signal);
    try {
      if (!chat.arch) throw new Error('SmolLM2 has no architecture.');
      const chatTokenizer = await chat.tokenizer();
      const chatDecoder = await Decoder.load(kernels, chat.arch, chat.source, {}, signal);
      try {
        const rows = file['SmolLM2-135M-Instruct'].rows;
        const prompts = rows.map((row) => promptIds(row.prompt, chatTokenizer, undefined));
        expect(prompts).toEqual(rows.map((row) => row.prompt_ids));
        const regardless = await generateTokens(chatDecoder, prompts, greedy, signal);
        expect(regardless.map((answer) => answer.ids)).toEqual(rows.map((row) => row.new_ids));
        const ending = { ...greedy, endIds: chatTokenizer.eosIds };
        const ended = await generateTokens(chatDecoder, prompts, ending, signal);
        expect(ended).toEqual(rows.map((row) => ({ ids: row.new_ids_up_to_end_token, stopped: 'end-token' })));
      } finally {
        chatDecoder.dispose();
      }
    } finally {
      await chat.close();
    }
  });
});
