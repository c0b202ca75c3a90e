import type { TemplateChoice } from '../contract/data.ts';
import type { ChatMessage } from '../contract/model.ts';
import type { Tokenizer } from '../models/types.ts';
import { AppError } from '../util/appError.ts';
import { messagesBeforeLastAnswer, type Example } from './example.ts';

/** A stretch of the text of a row. */
export interface Segment {
  readonly text: string;
  /** Part of an answer: the model learns to predict it. */
  readonly loss: boolean;
}

export interface RenderedExample {
  readonly segments: readonly Segment[];
  /**
   * What follows each answer: `template`: the template's own end-of-turn token is in the text; `append`: the
   * tokenizer's end token is put after every answer segment; `open`: nothing, the document goes on.
   */
  readonly ending: 'template' | 'append' | 'open';
  /** Set where the template rewrites earlier turns, so that only the last answer carries loss. */
  readonly onlyLastAnswer: boolean;
}

export interface RenderOptions {
  readonly template: TemplateChoice;
  /** Put before a conversation that has no system turn of its own. */
  readonly systemPrompt?: string | undefined;
}

/** The template that is really used: `plain` where the model has no chat template. */
export function effectiveTemplate(tokenizer: Tokenizer, template: TemplateChoice): TemplateChoice {
  return template === 'chat' && tokenizer.hasChatTemplate ? 'chat' : 'plain';
}

/**
 * The text of a row, in stretches that carry loss or do not.
 * @throws AppError TEMPLATE_INVALID when the template refuses the row or its answer cannot be found in the rendering
 */
export function renderExample(example: Example, tokenizer: Tokenizer, options: RenderOptions): RenderedExample {
  if (example.kind === 'text') {
    const ending = example.passage?.last === false ? 'open' : 'append';
    return { segments: [{ text: example.text, loss: true }], ending, onlyLastAnswer: false };
  }
  const prompt = promptMessages(example, options.systemPrompt);
  const conversation =
    example.kind === 'prompt' ? [...prompt, assistant(example.completion)] : withSystem(example.messages, options);
  return effectiveTemplate(tokenizer, options.template) === 'chat'
    ? renderChat(conversation, tokenizer)
    : renderPlain(conversation);
}

/**
 * The text a model is given to answer a row: everything before the last answer, ready for the answer to follow.
 * Equal to the text before the last loss segment of {@link renderExample} wherever the template allows it.
 */
export function renderPrompt(
  prompt: string | readonly ChatMessage[],
  tokenizer: Tokenizer,
  options: RenderOptions,
): string {
  const messages = withSystem(typeof prompt === 'string' ? [user(prompt)] : prompt, options);
  if (effectiveTemplate(tokenizer, options.template) === 'chat') return tokenizer.renderChat(messages, true);
  return messages.map((message) => `${message.content}\n`).join('');
}

/** The turns before the answer of a row, with the system prompt. Empty for text. */
export function promptMessages(example: Example, systemPrompt?: string): readonly ChatMessage[] {
  switch (example.kind) {
    case 'prompt':
      return withSystem([user(example.prompt)], { systemPrompt });
    case 'messages':
      return withSystem(messagesBeforeLastAnswer(example.messages), { systemPrompt });
    case 'text':
      return [];
  }
}

function withSystem(
  messages: readonly ChatMessage[],
  options: { readonly systemPrompt?: string | undefined },
): readonly ChatMessage[] {
  const { systemPrompt } = options;
  if (systemPrompt === undefined || systemPrompt === '' || messages[0]?.role === 'system') return messages;
  return [{ role: 'system', content: systemPrompt }, ...messages];
}

/** Each turn on a line of its own; an answer is followed by the end token instead of a newline. */
function renderPlain(messages: readonly ChatMessage[]): RenderedExample {
  const segments = messages.map((message): Segment => {
    const loss = message.role === 'assistant';
    return { text: loss ? message.content : `${message.content}\n`, loss };
  });
  return { segments, ending: 'append', onlyLastAnswer: false };
}

/**
 * Renders up to each answer with the generation prompt, then with the answer; the difference is what carries loss.
 * That needs every rendering to begin with the one before it. Templates that rewrite earlier turns (for instance to
 * drop reasoning) break this; then the last answer alone carries loss.
 */
function renderChat(messages: readonly ChatMessage[], tokenizer: Tokenizer): RenderedExample {
  const whole = tokenizer.renderChat(messages, false);
  const segments: Segment[] = [];
  let at = 0;
  for (const [i, message] of messages.entries()) {
    if (message.role !== 'assistant') continue;
    const before = tokenizer.renderChat(messages.slice(0, i), true);
    const after = i === messages.length - 1 ? whole : tokenizer.renderChat(messages.slice(0, i + 1), false);
    if (before.length < at || !after.startsWith(before) || !whole.startsWith(after)) {
      return renderLastAnswer(messages, tokenizer);
    }
    segments.push({ text: whole.slice(at, before.length), loss: false });
    segments.push({ text: whole.slice(before.length, after.length), loss: true });
    at = after.length;
  }
  if (at < whole.length) segments.push({ text: whole.slice(at), loss: false });
  return { segments, ending: 'template', onlyLastAnswer: false };
}

function renderLastAnswer(messages: readonly ChatMessage[], tokenizer: Tokenizer): RenderedExample {
  const prompt = messagesBeforeLastAnswer(messages);
  const answer = messages[prompt.length]?.content ?? '';
  const text = tokenizer.renderChat(messages.slice(0, prompt.length + 1), false);
  const before = tokenizer.renderChat(prompt, true);
  const begin = text.startsWith(before) ? before.length : text.lastIndexOf(answer.trim());
  if (begin < 0) {
    throw new AppError(
      'TEMPLATE_INVALID',
      'The chat template changes the answer so that it cannot be found in the rendered text; choose the plain template.',
    );
  }
  return {
    segments: [
      { text: text.slice(0, begin), loss: false },
      { text: text.slice(begin), loss: true },
    ],
    ending: 'template',
    onlyLastAnswer: messages.some((message, i) => i < prompt.length && message.role === 'assistant'),
  };
}

function user(content: string): ChatMessage {
  return { role: 'user', content };
}

function assistant(content: string): ChatMessage {
  return { role: 'assistant', content };
}
