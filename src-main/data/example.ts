import type { ChatMessage } from '../contract/model.ts';

/** One usable row of a data file. `row` is its number as {@link RowProblem} counts it. */
export type Example = PromptExample | MessagesExample | TextExample;

export interface PromptExample {
  readonly kind: 'prompt';
  readonly row: number;
  readonly prompt: string;
  readonly completion: string;
  /** Every accepted answer where the row lists several (the completion is the first); for metrics only. */
  readonly references?: readonly string[];
}

export interface MessagesExample {
  readonly kind: 'messages';
  readonly row: number;
  readonly messages: readonly ChatMessage[];
}

export interface TextExample {
  readonly kind: 'text';
  readonly row: number;
  readonly text: string;
  /** Set on a passage of a document: it is cut into stretches instead of being cut off, and the end token follows the last. */
  readonly passage?: { readonly last: boolean };
}

/**
 * What is the same for two rows that ask the same: the prompt, or all turns before the last answer. Undefined for text.
 * Used to keep such rows on one side of a split and to gather the references of one prompt.
 */
export function promptKey(example: Example): string | undefined {
  switch (example.kind) {
    case 'prompt':
      return example.prompt;
    case 'messages':
      return JSON.stringify(messagesBeforeLastAnswer(example.messages));
    case 'text':
      return undefined;
  }
}

/** All turns before the last assistant turn. */
export function messagesBeforeLastAnswer(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  for (let i = messages.length - 1; i >= 0; i -= 1) {
    if (messages[i]?.role === 'assistant') return messages.slice(0, i);
  }
  return messages;
}

/** The answers a generated text is compared with; none for plain text. */
export function referencesOf(example: Example): readonly string[] {
  switch (example.kind) {
    case 'prompt':
      return example.references ?? [example.completion];
    case 'messages': {
      const answer = example.messages[messagesBeforeLastAnswer(example.messages).length];
      return answer === undefined ? [] : [answer.content];
    }
    case 'text':
      return [];
  }
}

/** What a row asks, as one text: the prompt, or the turns before the last answer. Undefined for text. */
export function questionOf(example: Example): string | undefined {
  switch (example.kind) {
    case 'prompt':
      return example.prompt;
    case 'messages':
      return messagesBeforeLastAnswer(example.messages)
        .map((message) => message.content)
        .join('\n');
    case 'text':
      return undefined;
  }
}
