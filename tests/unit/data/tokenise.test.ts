import { describe, expect, test } from 'vitest';
import type { Example } from '../../../src-main/data/example.ts';
import {
  encodePrompt,
  exampleTokeniser,
  tokeniseDataset,
  type TokeniseOptions,
} from '../../../src-main/data/tokenise.ts';
import { chatMl, end, LetterTokenizer, marked } from './letterTokenizer.ts';

const options: TokeniseOptions = {
  template: 'chat',
  completionOnly: true,
  sequenceLength: 1000,
  vocabularySize: 256,
};
const pair: Example = { kind: 'prompt', row: 1, prompt: 'ask', completion: 'reply' };
const talk: Example = {
  kind: 'messages',
  row: 2,
  messages: [
    { role: 'user', content: 'one' },
    { role: 'assistant', content: 'two' },
    { role: 'user', content: 'three' },
    { role: 'assistant', content: 'four' },
  ],
};
const signal = new AbortController().signal;

function show(tokenizer: LetterTokenizer, example: Example, change: Partial<TokeniseOptions> = {}): string {
  return marked(tokenizer, exampleTokeniser(tokenizer, { ...options, ...change })(example));
}

describe('chat template', () => {
  const tokenizer = new LetterTokenizer({ template: chatMl });

  test('the answer and its end-of-turn token carry loss, the newline after it and the headers do not', () => {
    expect(show(tokenizer, pair)).toBe('<|im_start|>user\nask<|im_end|>\n<|im_start|>assistant\n[reply<|im_end|>]\n');
  });

  test('every answer of a conversation carries loss', () => {
    expect(show(tokenizer, talk)).toBe(
      '<|im_start|>user\none<|im_end|>\n<|im_start|>assistant\n[two<|im_end|>]\n' +
        '<|im_start|>user\nthree<|im_end|>\n<|im_start|>assistant\n[four<|im_end|>]\n',
    );
  });

  test('a system prompt is put before the conversation, once', () => {
    const text = show(tokenizer, pair, { systemPrompt: 'Be kind.' });
    expect(text.startsWith('<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nask')).toBe(true);
    const own: Example = {
      kind: 'messages',
      row: 1,
      messages: [{ role: 'system', content: 'Mine.' }, ...(talk.kind === 'messages' ? talk.messages : [])],
    };
    expect(show(tokenizer, own, { systemPrompt: 'Be kind.' })).not.toContain('Be kind.');
  });

  test('a begin token that the template writes is not doubled, one that it does not write is added', () => {
    const writes = new LetterTokenizer({ template: `<s>${chatMl}`, addsBos: true });
    const leaves = new LetterTokenizer({ template: chatMl, addsBos: true });
    for (const each of [writes, leaves]) expect(show(each, pair)).toMatch(/^<s><\|im_start\|>user/);
  });

  test('where the template writes no end token, one is added with loss', () => {
    const bare = new LetterTokenizer({
      template:
        "{% for message in messages %}{{ message['role'] + ': ' + message['content'] + '\\n' }}{% endfor %}" +
        "{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}",
    });
    expect(show(bare, pair)).toBe('user: ask\nassistant: [reply\n<|im_end|>]');
  });

  test('a template that rewrites earlier answers leaves loss on the last answer alone, and this is said', async () => {
    const forgetful = new LetterTokenizer({
      template:
        "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' }}" +
        "{% if message['role'] == 'assistant' and not loop.last %}{{ '...' }}{% else %}{{ message['content'] }}{% endif %}" +
        "{{ '<|im_end|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
    });
    expect(show(forgetful, talk)).toBe(
      '<|im_start|>user\none<|im_end|>\n<|im_start|>assistant\n...<|im_end|>\n' +
        '<|im_start|>user\nthree<|im_end|>\n<|im_start|>assistant\n[four<|im_end|>]\n',
    );
    const { notices } = await tokeniseDataset([talk], forgetful, options, signal);
    expect(notices.join()).toContain('only the last answer');
  });

  test('an answer that the template has changed beyond recognition is a problem of its row, not of the file', async () => {
    const shouting = new LetterTokenizer({
      template:
        "{% for message in messages %}{{ message['content'] | upper }}{% endfor %}{% if add_generation_prompt %}>{% endif %}",
    });
    await expect(tokeniseDataset([pair], shouting, options, signal)).rejects.toMatchObject({
      code: 'TEMPLATE_INVALID',
    });
  });

  test('what the model is given at inference is what it saw before the answer in training', () => {
    const row = exampleTokeniser(tokenizer, options)(pair);
    const prompt = encodePrompt('ask', tokenizer, options);
    expect([...row.ids.slice(0, prompt.length)]).toEqual(prompt);
    expect(row.loss.indexOf(1)).toBe(prompt.length);
  });
});

describe('plain template', () => {
  const tokenizer = new LetterTokenizer({ addsBos: true });
  const plain = { template: 'plain' } as const;

  test('prompt, newline, completion, end token; begin token once', () => {
    expect(show(tokenizer, pair, plain)).toBe('<s>ask\n[reply<|im_end|>]');
  });

  test('a token that would straddle prompt and answer is split at the border', () => {
    // "\nb" is one token of this vocabulary: joined, the answer would lose its first letter.
    const row = exampleTokeniser(tokenizer, { ...options, ...plain })({ ...pair, completion: 'bee' });
    expect(marked(tokenizer, row)).toBe('<s>ask\n[bee<|im_end|>]');
    expect([...row.ids.slice(0, 5)]).toEqual(encodePrompt('ask', tokenizer, plain));
  });

  test('tokens inside an answer are those of the whole text', () => {
    const row = exampleTokeniser(tokenizer, { ...options, ...plain })({ ...pair, completion: 'with' });
    expect([...row.ids]).toContain(202);
  });

  test('a conversation gets one end token after each answer', () => {
    expect(show(tokenizer, talk, plain)).toBe('<s>one\n[two<|im_end|>]three\n[four<|im_end|>]');
  });

  test('a model without chat template falls back to plain and says so', async () => {
    expect(show(tokenizer, pair)).toBe(show(tokenizer, pair, plain));
    expect((await tokeniseDataset([pair], tokenizer, options, signal)).notices.join()).toContain('no chat template');
    expect((await tokeniseDataset([pair], tokenizer, { ...options, ...plain }, signal)).notices).toEqual([]);
  });

  test('with loss on everything, all but the first token carry it', () => {
    expect(show(tokenizer, pair, { ...plain, completionOnly: false })).toBe('<s>[ask\nreply<|im_end|>]');
  });

  test('text carries loss throughout and ends with the end token; raw text is left exactly as it is', () => {
    const text: Example = { kind: 'text', row: 1, text: 'abc' };
    expect(show(tokenizer, text)).toBe('<s>[abc<|im_end|>]');
    expect(show(tokenizer, text, { raw: true })).toBe('a[bc]');
  });
});

describe('tokeniseDataset', () => {
  const tokenizer = new LetterTokenizer({ template: chatMl });

  test('a long row keeps its beginning and what is cut is counted', async () => {
    const result = await tokeniseDataset([pair], tokenizer, { ...options, sequenceLength: 27 }, signal);
    expect(result.examples[0]?.ids.length).toBe(27);
    const whole = exampleTokeniser(tokenizer, options)(pair).ids;
    expect([...(result.examples[0]?.ids ?? [])]).toEqual([...whole.slice(0, 27)]);
    expect(result).toMatchObject({ truncatedRows: 1, truncatedTokens: whole.length - 27, tokens: 27 });
  });

  test('a row whose answer is cut off entirely is left out and named; without any other it is an error', async () => {
    const short: Example = { kind: 'text', row: 9, text: 'ok' };
    const cut = { ...options, sequenceLength: 10 };
    const result = await tokeniseDataset([pair, short], tokenizer, cut, signal);
    expect(result.examples.map((example) => example.row)).toEqual([9]);
    expect(result.problems).toHaveLength(1);
    expect(result.problems[0]).toMatchObject({ row: 1 });
    expect(result.problems[0]?.reason).toContain('10 tokens');
    await expect(tokeniseDataset([pair], tokenizer, cut, signal)).rejects.toMatchObject({ code: 'NOTHING_TO_LEARN' });
  });

  test('one token alone has nothing that predicts it', async () => {
    const single: Example = { kind: 'text', row: 3, text: 'x' };
    await expect(tokeniseDataset([single], tokenizer, { ...options, raw: true }, signal)).rejects.toMatchObject({
      code: 'NOTHING_TO_LEARN',
    });
  });

  test('an id beyond the embedding is refused with both numbers', async () => {
    const text: Example = { kind: 'text', row: 4, text: 'az' };
    await expect(tokeniseDataset([text], tokenizer, { ...options, vocabularySize: 100 }, signal)).rejects.toMatchObject(
      { code: 'TOKENIZER_INVALID', message: expect.stringMatching(/122.*100/) as string },
    );
  });

  test('cancelling ends it', async () => {
    const controller = new AbortController();
    controller.abort();
    await expect(tokeniseDataset([pair], tokenizer, options, controller.signal)).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });

  test('the end token is the one the tokenizer trains on', () => {
    const row = exampleTokeniser(tokenizer, { ...options, template: 'plain' })(pair);
    expect(row.ids.at(-1)).toBe(end);
    expect(row.loss.at(-1)).toBe(1);
  });
});
