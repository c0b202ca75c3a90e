/** Text to token ids and back, as the model's own tokenizer.json says. */
import { Tokenizer as FastTokenizer } from '@huggingface/tokenizers';
import type { ChatMessage } from '../../contract/model.ts';
import { AppError } from '../../util/appError.ts';
import type { Tokenizer } from '../types.ts';
import { compileChatTemplate } from './chatTemplate.ts';
import { tokenizerInvalid, type TokenizerFiles } from './tokenizerFiles.ts';

/**
 * @param vocabularySize rows of the model's embedding; undefined where it is not known
 * @param now the time that chat templates may ask for
 * @throws AppError TOKENIZER_INVALID
 */
export function createTokenizer(files: TokenizerFiles, vocabularySize: number | undefined, now: () => Date): Tokenizer {
  const fast = load(files);
  const size = vocabularySize ?? files.largestId + 1;
  const idOf = (role: string): number | undefined => {
    const token = files.special[role];
    return token === undefined ? undefined : fast.token_to_id(token);
  };
  const eosId = idOf('eos_token');
  const eosIds = [...new Set([...(eosId === undefined ? [] : [eosId]), ...files.generationEosIds])].filter(
    (id) => id < size,
  );
  const { chatTemplate } = files;
  let render: ReturnType<typeof compileChatTemplate> | undefined;
  return {
    vocabularySize: size,
    bosId: idOf('bos_token') ?? files.generationBosId,
    eosIds,
    encode(text, addSpecialTokens) {
      const { ids } = fast.encode(text, { add_special_tokens: addSpecialTokens });
      for (const id of ids) checkId(id, size, text, files.place);
      return ids;
    },
    decode(ids, skipSpecialTokens) {
      if (ids.length === 0) return '';
      return fast.decode([...ids], { skip_special_tokens: skipSpecialTokens, clean_up_tokenization_spaces: false });
    },
    hasChatTemplate: chatTemplate !== undefined,
    renderChat(messages: readonly ChatMessage[], addGenerationPrompt: boolean) {
      if (chatTemplate === undefined) {
        throw new AppError(
          'TEMPLATE_INVALID',
          `${files.place} comes without a chat template; choose the plain template.`,
        );
      }
      render ??= compileChatTemplate(chatTemplate, files.special, files.place, now);
      return render(messages, addGenerationPrompt);
    },
  };
}

function load(files: TokenizerFiles): FastTokenizer {
  const complete = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null, ...files.tokenizer };
  try {
    return new FastTokenizer({ ...complete, added_tokens: files.tokenizer['added_tokens'] ?? [] }, {});
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError(
      'TOKENIZER_INVALID',
      `${files.place} holds a tokenizer that is not supported (${reason}); choose another model.`,
      {
        cause: error,
      },
    );
  }
}

/** An id beyond the embedding must never reach it. */
function checkId(id: number | undefined, size: number, text: string, place: string): void {
  if (id === undefined) {
    throw tokenizerInvalid(place, `has no token for a part of ${JSON.stringify(text.slice(0, 60))}`);
  }
  if (id >= size) {
    throw new AppError(
      'TOKENIZER_INVALID',
      `${place} gives the token id ${String(id)}, but the model’s vocabulary has ${String(size)} tokens; use the tokenizer that belongs to the model.`,
    );
  }
}
