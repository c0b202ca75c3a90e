import { describe, expect, test } from 'vitest';
import { chatFormatNames, chatFormatOf, chatFormats } from '../../../src-main/contract/chatFormats.ts';
import { withTemplateOf } from '../../../src-main/data/ownTemplate.ts';
import { encodePrompt, exampleTokeniser } from '../../../src-main/data/tokenise.ts';
import { openModel } from '../../../src-main/models/open.ts';
import { withOwnTemplate } from '../../../src-main/models/withOwnTemplate.ts';
import { storiesFolder } from '../../support/goldenPath.ts';
import { chatMl, end, LetterTokenizer } from './letterTokenizer.ts';

const base = new LetterTokenizer({ addsBos: true });
const options = { template: 'chat', completionOnly: true, sequenceLength: 4000, vocabularySize: 256 } as const;
const conversation = {
  kind: 'messages',
  row: 1,
  messages: [
    { role: 'system', content: 'Be kind.' },
    { role: 'user', content: 'One?' },
    { role: 'assistant', content: 'Two.' },
    { role: 'user', content: 'And now?' },
    { role: 'assistant', content: 'Three.' },
  ],
} as const;

describe.each(chatFormatNames)('the chat format %s', (name) => {
  const tokenizer = withTemplateOf(base, { chatTemplate: chatFormats[name].template });
  const row = exampleTokeniser(tokenizer, options)(conversation);
  const learnt = base.decode(
    [...row.ids].filter((_, i) => row.loss[i] === 1),
    false,
  );

  test('learns both answers and an end token after the last one, and not the questions', () => {
    expect(learnt).toMatch(/Two\..*Three\./s);
    expect(learnt).not.toMatch(/One|now|kind|user/i);
    expect(row.ids[row.loss.lastIndexOf(1)]).toBe(end);
    expect(row.rendered).toMatch(/Be kind\..*One\?.*And now\?/s);
  });

  // Would catch: a template whose generation prompt differs from what stands before an answer in training.
  test('a prompt at inference is what stood before the answer in training', () => {
    const prompt = encodePrompt(conversation.messages.slice(0, 4), tokenizer, options);
    expect([...row.ids.slice(0, prompt.length)]).toEqual(prompt);
    expect(row.loss[prompt.length]).toBe(1);
  });
});

test('a known format is told from one of one’s own', () => {
  expect(chatFormatOf(chatFormats.gemma.template)).toBe('gemma');
  expect(chatFormatOf('{{ messages[0].content }}')).toBeUndefined();
});

test('a model with a template of one’s own hands it on to what is exported', async () => {
  const model = await openModel(storiesFolder, new AbortController().signal);
  try {
    const own = withOwnTemplate(model, chatMl);
    expect(own.summary.hasChatTemplate).toBe(true);
    const carried = own.carriedFiles.filter(({ name }) => name.startsWith('chat_template'));
    expect(carried.map(({ name }) => name)).toEqual(['chat_template.jinja']);
    expect(new TextDecoder().decode(await carried[0]?.read())).toBe(chatMl);
    const text = (await own.tokenizer()).renderChat([{ role: 'user', content: 'Hi' }], true);
    expect(text).toBe('<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n');
    expect(withOwnTemplate(model, undefined)).toBe(model);
  } finally {
    await model.close();
  }
});

test('a template that cannot be read is refused with the reason, when it is used', () => {
  const broken = withTemplateOf(base, { chatTemplate: '{% for message in %}' });
  expect(() => broken.renderChat([{ role: 'user', content: 'Hi' }], true)).toThrow(/cannot be read/);
});
