/** Text to token ids and back, as the model's own tokenizer.json says. */
import { Tokenizer as FastTokenizer } from '@huggingface/tokenizers';
import type { ChatMessage } from '../../contract/model.ts';
import { AppError } from '../../util/appError.ts';
import { OutOfTime, withinTime } from '../../util/withinTime.ts';
import { isJsonObject, type JsonObject } from '../jsonFile.ts';
import type { Tokenizer } from '../types.ts';
import { compileChatTemplate, type RenderChat } from './chatTemplate.ts';
import { correctTokenizer } from './corrections.ts';
import { compileDecoder, type Decode } from './decoder.ts';
import { hasRiskyExpression } from './expressions.ts';
import { tokenizerInvalid, type TokenizerFiles } from './tokenizerFiles.ts';

/**
 * @param vocabularySize rows of the model's embedding; undefined where it is not known
 * @param now the time that chat templates may ask for
 * @throws AppError TOKENIZER_INVALID
 */
export function createTokenizer(files: TokenizerFiles, vocabularySize: number | undefined, now: () => Date): Tokenizer {
  const fast = load(files);
  const decodeTokens = decoderOf(files);
  const size = vocabularySize ?? files.largestId + 1;
  const idOf = (role: string): number | undefined => {
    const token = files.special[role];
    return token === undefined ? undefined : fast.token_to_id(token);
  };
  const eosIds = [...new Set([idOf('eos_token'), ...files.generationEosIds])];
  const { chatTemplate } = files;
  const watched = watcherOf(files);
  let render: RenderChat | undefined;
  // A third of the time that making a tokenizer takes, and many never decode.
  let vocabulary: Vocabulary | undefined;
  return {
    vocabularySize: size,
    bosId: idOf('bos_token') ?? files.generationBosId,
    eosIds: eosIds.filter((id): id is number => id !== undefined && id < size),
    encode(text, addSpecialTokens) {
      const ids = watched(() => fast.encode(text, { add_special_tokens: addSpecialTokens }).ids);
      for (const id of ids as (number | undefined)[]) checkId(id, size, text, files.place);
      return ids;
    },
    decode(ids, skipSpecialTokens) {
      const { tokenOf, specialIds } = (vocabulary ??= vocabularyOf(files.tokenizer));
      const tokens: string[] = [];
      for (const id of ids) {
        const token = tokenOf.get(id);
        if (token !== undefined && !(skipSpecialTokens && specialIds.has(id))) tokens.push(token);
      }
      return watched(() => decodeTokens(tokens));
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
  const absent = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null, added_tokens: [] };
  try {
    // Its decoder is not used; some kinds it does not even know.
    return new FastTokenizer({ ...absent, ...correctTokenizer(files.tokenizer), decoder: null }, {});
  } catch (error) {
    throw notSupported(files.place, error instanceof Error ? error.message : String(error), error);
  }
}

/** Real tokenizers cut a megabyte in less. */
const riskyMilliseconds = 500;

/**
 * Runs the library on a text and tells what it stumbles over in words. Where an expression might take forever its time is
 * watched, and the first text that is too much for it is the last one.
 */
function watcherOf({ tokenizer, place }: TokenizerFiles): <T>(work: () => T) => T {
  const { model: _, added_tokens: _added, ...steps } = tokenizer;
  const risky = hasRiskyExpression(steps);
  let fault: AppError | undefined;
  return (work) => {
    if (fault !== undefined) throw fault;
    try {
      return risky ? withinTime(riskyMilliseconds, work) : work();
    } catch (error) {
      if (error instanceof OutOfTime) {
        fault = notSupported(place, 'one of its regular expressions takes too long', error);
        throw fault;
      }
      throw notSupported(place, error instanceof Error ? error.message : String(error), error);
    }
  };
}

function decoderOf(files: TokenizerFiles): Decode {
  const decoder = files.tokenizer['decoder'];
  const decode = compileDecoder(decoder);
  if (decode === undefined) {
    throw notSupported(files.place, `unknown decoder ${JSON.stringify(decoder).slice(0, 200)}`);
  }
  return decode;
}

function notSupported(place: string, reason: string, cause?: unknown): AppError {
  return new AppError(
    'TOKENIZER_INVALID',
    `${place} holds a tokenizer that is not supported (${reason}); choose another model.`,
    {
      cause,
    },
  );
}

interface Vocabulary {
  readonly tokenOf: ReadonlyMap<number, string>;
  readonly specialIds: ReadonlySet<number>;
}

/** The shape of the file has been checked when it was read. */
function vocabularyOf(tokenizer: JsonObject): Vocabulary {
  const tokenOf = new Map<number, string>();
  const specialIds = new Set<number>();
  const model = tokenizer['model'];
  const vocab = isJsonObject(model) ? model['vocab'] : undefined;
  if (Array.isArray(vocab)) {
    for (const [id, piece] of vocab.entries()) tokenOf.set(id, String(Array.isArray(piece) ? piece[0] : piece));
  } else if (isJsonObject(vocab)) {
    for (const token of Object.keys(vocab)) tokenOf.set(Number(vocab[token]), token);
  }
  const added: unknown = tokenizer['added_tokens'];
  for (const token of Array.isArray(added) ? (added as unknown[]) : []) {
    if (!isJsonObject(token)) continue;
    tokenOf.set(Number(token['id']), String(token['content']));
    if (token['special'] === true) specialIds.add(Number(token['id']));
  }
  return { tokenOf, specialIds };
}

/** An id beyond the embedding must never reach it. */
function checkId(id: number | undefined, size: number, text: string, place: string): void {
  if (id === undefined) {
    throw tokenizerInvalid(place, `has no token for a part of ${JSON.stringify(text.slice(0, 60))}`);
  }
  if (id >= size) {
    throw new AppError(
      'TOKENIZER_INVALID',
      `${place} gives the token id ${id}, but the model’s vocabulary has ${size} tokens; use the tokenizer that belongs to the model.`,
    );
  }
}
