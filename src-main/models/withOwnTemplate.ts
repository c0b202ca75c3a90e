import { withChatTemplate } from './tokenizer/withChatTemplate.ts';
import type { CarriedFile, OpenedModel } from './types.ts';

const templateFiles = new Set(['chat_template.jinja', 'chat_template.json']);

/**
 * The model with a chat template in the place of its own: its tokenizer renders with it, and an export carries it.
 * @param chatTemplate in Jinja; undefined leaves the model as it is
 */
export function withOwnTemplate(model: OpenedModel, chatTemplate: string | undefined): OpenedModel {
  if (chatTemplate === undefined) return model;
  // chat_template.jinja takes precedence over what tokenizer_config.json says, here and in transformers.
  const carried: CarriedFile = {
    name: 'chat_template.jinja',
    read: async () => Promise.resolve(new TextEncoder().encode(chatTemplate)),
  };
  return {
    ...model,
    chatTemplate,
    summary: { ...model.summary, hasChatTemplate: true },
    tokenizer: async () => withChatTemplate(await model.tokenizer(), chatTemplate),
    carriedFiles: [...model.carriedFiles.filter(({ name }) => !templateFiles.has(name)), carried],
  };
}
