import type { ChatMessage } from '../../contract/model.ts';
import type { Tokenizer } from '../types.ts';
import { compileChatTemplate, type RenderChat } from './chatTemplate.ts';

/**
 * A tokenizer that renders conversations with another chat template; ids are as before. The template is compiled when it
 * is first used, and then throws TEMPLATE_INVALID where it cannot be read.
 * @param source the template, in Jinja
 */
export function withChatTemplate(tokenizer: Tokenizer, source: string): Tokenizer {
  let render: RenderChat | undefined;
  return {
    vocabularySize: tokenizer.vocabularySize,
    bosId: tokenizer.bosId,
    eosIds: tokenizer.eosIds,
    encode: (text, addSpecialTokens) => tokenizer.encode(text, addSpecialTokens),
    decode: (ids, skipSpecialTokens) => tokenizer.decode(ids, skipSpecialTokens),
    hasChatTemplate: true,
    renderChat(messages: readonly ChatMessage[], addGenerationPrompt: boolean) {
      render ??= compileChatTemplate(source, specialTokens(tokenizer), 'the settings', () => new Date());
      return render(messages, addGenerationPrompt);
    },
  };
}

/** The special tokens that templates ask for most, as text. */
function specialTokens(tokenizer: Tokenizer): Record<string, string> {
  const { bosId, eosIds } = tokenizer;
  const text = (id: number | undefined): string => (id === undefined ? '' : tokenizer.decode([id], false));
  return { bos_token: text(bosId), eos_token: text(eosIds[0]) };
}
