import type { DataConfig } from '../contract/requests.schema.ts';
import { withChatTemplate } from '../models/tokenizer/withChatTemplate.ts';
import type { Tokenizer } from '../models/types.ts';

/** The tokenizer with the chat template of the settings in the place of the model's own, where they give one. */
export function withTemplateOf(tokenizer: Tokenizer, { chatTemplate }: Pick<DataConfig, 'chatTemplate'>): Tokenizer {
  return chatTemplate === undefined ? tokenizer : withChatTemplate(tokenizer, chatTemplate);
}
