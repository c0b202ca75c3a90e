/** GGUF vocabularies as the tokenizer files that Hugging Face's libraries read. */
import type { JsonObject } from '../jsonFile.ts';
import { preTokenizerOf } from './preTokenizers.ts';
import { mergesFromScores } from './spmMerges.ts';
import { tokenTypes, unsupported, type GgufVocabulary } from './vocabulary.ts';

/** @throws AppError TOKENIZER_INVALID for a way of cutting text that is not known */
export function tokenizerJson(vocabulary: GgufVocabulary): JsonObject {
  const shared = { version: '1.0', truncation: null, padding: null, added_tokens: addedTokens(vocabulary) };
  const post_processor = postProcessor(vocabulary);
  return vocabulary.model === 'gpt2'
    ? { ...shared, ...byteLevelParts(vocabulary, post_processor) }
    : { ...shared, ...sentencePieceParts(vocabulary, post_processor) };
}

/** Ids of a vocabulary; of tokens that occur twice the first counts, the others can only be read. */
function ids(tokens: readonly string[]): Record<string, number> {
  const entries = new Map<string, number>();
  for (const [id, token] of tokens.entries()) if (!entries.has(token)) entries.set(token, id);
  return Object.fromEntries(entries);
}

function addedTokens(vocabulary: GgufVocabulary): JsonObject[] {
  const { tokens, types, bosId, eosId, unknownId } = vocabulary;
  const named = new Set([bosId, eosId, unknownId]);
  return tokens.flatMap((content, id) => {
    const type = types[id];
    const special = type === tokenTypes.control || type === tokenTypes.unknown || named.has(id);
    if (!special && type !== tokenTypes.userDefined) return [];
    return [{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special }];
  });
}

function postProcessor({ tokens, bosId, eosId, addBos, addEos }: GgufVocabulary): JsonObject | null {
  const begin = addBos && bosId !== undefined ? [{ id: bosId, token: tokens[bosId] ?? '' }] : [];
  const end = addEos && eosId !== undefined ? [{ id: eosId, token: tokens[eosId] ?? '' }] : [];
  if (begin.length + end.length === 0) return null;
  const template = (type_id: number, sequence: string): JsonObject[] => [
    ...begin.map(({ token }) => ({ SpecialToken: { id: token, type_id } })),
    { Sequence: { id: sequence, type_id } },
    ...end.map(({ token }) => ({ SpecialToken: { id: token, type_id } })),
  ];
  return {
    type: 'TemplateProcessing',
    single: template(0, 'A'),
    pair: [...template(0, 'A'), ...template(1, 'B')],
    special_tokens: Object.fromEntries(
      [...begin, ...end].map(({ id, token }) => [token, { id: token, ids: [id], tokens: [token] }]),
    ),
  };
}

function byteLevelParts(vocabulary: GgufVocabulary, post_processor: JsonObject | null): JsonObject {
  const { pre, tokens, merges, place } = vocabulary;
  const vocab = ids(tokens);
  const cut = preTokenizerOf(pre);
  if (cut === undefined) throw unsupported(place, `cuts text in the unknown way "${pre ?? ''}"`);
  return {
    normalizer: cut.normalizer ?? null,
    pre_tokenizer: cut.pre_tokenizer,
    post_processor,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: cut.ignoreMerges ?? false,
      vocab,
      // Converters write filler merges for vocabularies without any; tokenizers refuses what is not a token.
      merges: merges
        .map((merge) => splitMerge(merge, place))
        .filter(([left, right]) => [left, right, left + right].every((token) => Object.hasOwn(vocab, token))),
    },
  };
}

/** "left right": byte-level tokens contain no space, hence the first one (after a possible leading one) parts them. */
function splitMerge(merge: string, place: string): [string, string] {
  const space = merge.indexOf(' ', 1);
  if (space < 0 || space === merge.length - 1)
    throw unsupported(place, `holds the merge ${JSON.stringify(merge)}, which is not two tokens`);
  return [merge.slice(0, space), merge.slice(space + 1)];
}

function sentencePieceParts(vocabulary: GgufVocabulary, post_processor: JsonObject | null): JsonObject {
  const { tokens, scores, types, unknownId, addSpacePrefix } = vocabulary;
  const spaces = { type: 'Replace', pattern: { String: ' ' }, content: '▁' };
  return {
    normalizer: addSpacePrefix
      ? { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: '▁' }, spaces] }
      : { type: 'Sequence', normalizers: [spaces] },
    pre_tokenizer: null,
    post_processor,
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        ...(addSpacePrefix ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
      ],
    },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: unknownId === undefined ? null : (tokens[unknownId] ?? null),
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
      vocab: ids(tokens),
      merges: mergesFromScores(tokens, scores, types),
    },
  };
}

/** tokenizer_config.json. */
export function tokenizerConfigJson(vocabulary: GgufVocabulary, contextLength: number): JsonObject {
  const { tokens, bosId, eosId, unknownId, paddingId, chatTemplate } = vocabulary;
  const token = (role: string, id: number | undefined): JsonObject =>
    id === undefined ? {} : { [role]: tokens[id] ?? '' };
  return {
    tokenizer_class: 'PreTrainedTokenizerFast',
    model_max_length: contextLength,
    clean_up_tokenization_spaces: false,
    ...token('bos_token', bosId),
    ...token('eos_token', eosId),
    ...token('unk_token', unknownId),
    ...token('pad_token', paddingId),
    ...(chatTemplate === undefined ? {} : { chat_template: chatTemplate }),
  };
}

/** generation_config.json. */
export function generationConfigJson({ bosId, eosIds, paddingId }: GgufVocabulary): JsonObject {
  const [first] = eosIds;
  return {
    _from_model_config: true,
    ...(bosId === undefined ? {} : { bos_token_id: bosId }),
    ...(first === undefined ? {} : { eos_token_id: eosIds.length === 1 ? first : eosIds }),
    ...(paddingId === undefined ? {} : { pad_token_id: paddingId }),
  };
}
