import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ChatMessage } from '../../../src-main/contract/model.ts';
import { compileChatTemplate } from '../../../src-main/models/tokenizer/chatTemplate.ts';
import { goldenPath } from '../../support/goldenPath.ts';

interface ChatRow {
  readonly messages: ChatMessage[];
  readonly add_generation_prompt: boolean;
  readonly text: string;
}

const chat = JSON.parse(readFileSync(goldenPath('more', 'real', 'chat.json'), 'utf8')) as {
  template: string;
  rows: ChatRow[];
};

describe('chat templates', () => {
  const render = compileChatTemplate(chat.template, {}, 'test', () => new Date(0));

  it.each(chat.rows)(
    'renders as transformers does: $messages.length messages, prompt $add_generation_prompt',
    (row) => {
      expect(render(row.messages, row.add_generation_prompt)).toBe(row.text);
    },
  );
});
