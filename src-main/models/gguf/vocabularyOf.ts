/** The vocabulary of a Hugging Face tokenizer in the form of GGUF files. */
import { AppError } from '../../util/appError.ts';
import { isJsonObject, type JsonObject } from '../jsonFile.ts';
import type { TokenizerFiles } from '../tokenizer/tokenizerFiles.ts';
import type { Tokenizer } from '../types.ts';
import { identifyPreTokenizer } from './identifyPreTokenizer.ts';
import { tokenTypes, type GgufVocabulary } from './vocabulary.ts';

/**
 * @param vocabularySize rows of the embedding: the file must state as many tokens
 * @throws AppError TOKENIZER_INVALID for a kind of tokenizer that GGUF files cannot hold or whose name is not known
 */
export function vocabularyOf(files: TokenizerFiles, tokenizer: Tokenizer, vocabularySize: number): GgufVocabulary {
  const kind = kindOf(files);
  const { tokens, types } = tokensOf(files, vocabularySize, kind.model === 'llama');
  const idOf = (role: string): number | undefined => {
    const token = files.special[role];
    const id = token === undefined ? -1 : tokens.indexOf(token);
    return id < 0 ? undefined : id;
  };
  const plain = tokenizer.encode('a', false);
  const added = tokenizer.encode('a', true);
  const { bosId, eosIds } = tokenizer;
  const merges = mergesOf(files);
  return {
    place: files.place,
    ...kind,
    tokens,
    types,
    scores: kind.model === 'llama' ? scoresFromMerges(tokens, merges) : [],
    merges: kind.model === 'gpt2' ? merges.map(([left, right]) => `${left} ${right}`) : [],
    bosId,
    eosId: eosIds[0],
    unknownId: idOf('unk_token'),
    paddingId: idOf('pad_token'),
    eosIds,
    addBos: added.length > plain.length && bosId !== undefined && added[0] === bosId,
    addEos: added.length > plain.length && eosIds[0] !== undefined && added.at(-1) === eosIds[0],
    chatTemplate: files.chatTemplate,
  };
}

/**
 * Whether a GGUF file can hold the tokenizer at all; cheaper than {@link vocabularyOf}.
 * @throws AppError TOKENIZER_INVALID
 */
export function assertVocabularyKind(files: TokenizerFiles): void {
  kindOf(files);
}

function kindOf(files: TokenizerFiles): Pick<GgufVocabulary, 'model' | 'pre' | 'addSpacePrefix'> {
  const { tokenizer } = files;
  const model = tokenizer['model'];
  const type = isJsonObject(model) ? model['type'] : undefined;
  if (!isJsonObject(model) || type !== 'BPE') {
    throw refused(files, `is of the kind ${JSON.stringify(type)}, which no GGUF runner reads the same way`);
  }
  if (model['byte_fallback'] === true) {
    return { model: 'llama', pre: 'default', addSpacePrefix: prefixesSpace(tokenizer) };
  }
  const pre = identifyPreTokenizer(tokenizer);
  if (pre === undefined) {
    throw refused(files, 'cuts text in a way that has no known name in GGUF files, so another program would guess');
  }
  return { model: 'gpt2', pre, addSpacePrefix: false };
}

/** Whether SentencePiece's mark of a space is put before a text. */
function prefixesSpace(tokenizer: JsonObject): boolean {
  const steps = (step: unknown): JsonObject[] => {
    if (!isJsonObject(step)) return [];
    const inner: unknown = step['normalizers'] ?? step['pretokenizers'];
    return Array.isArray(inner) ? inner.flatMap(steps) : [step];
  };
  return [...steps(tokenizer['normalizer']), ...steps(tokenizer['pre_tokenizer'])].some(
    (step) =>
      step['type'] === 'Prepend' ||
      (step['type'] === 'Metaspace' && step['prepend_scheme'] !== 'never' && step['add_prefix_space'] !== false),
  );
}

function tokensOf(
  files: TokenizerFiles,
  vocabularySize: number,
  sentencePiece: boolean,
): { tokens: string[]; types: number[] } {
  // Embeddings may have more rows than there are tokens, to be a multiple of something.
  const tokens = Array.from({ length: vocabularySize }, (_, id) => `[PAD${id}]`);
  const types = new Array<number>(vocabularySize).fill(tokenTypes.unused);
  const put = (id: number, token: string, type: number): void => {
    if (id >= vocabularySize) return;
    tokens[id] = token;
    types[id] = type;
  };
  const model = files.tokenizer['model'];
  const vocab = isJsonObject(model) ? model['vocab'] : undefined;
  for (const [token, id] of Object.entries(isJsonObject(vocab) ? vocab : {})) {
    const byte = sentencePiece && /^<0x[0-9A-Fa-f]{2}>$/.test(token);
    put(Number(id), token, byte ? tokenTypes.byte : tokenTypes.normal);
  }
  const added: unknown = files.tokenizer['added_tokens'];
  for (const entry of Array.isArray(added) ? (added as unknown[]) : []) {
    if (!isJsonObject(entry)) continue;
    const content = String(entry['content']);
    const unknown = sentencePiece && content === files.special['unk_token'];
    const special = entry['special'] === true ? tokenTypes.control : tokenTypes.userDefined;
    put(Number(entry['id']), content, unknown ? tokenTypes.unknown : special);
  }
  return { tokens, types };
}

/** Merges stand as pairs or, in older files, as one text with a space. */
function mergesOf({ tokenizer }: TokenizerFiles): [string, string][] {
  const model = tokenizer['model'];
  const merges: unknown = isJsonObject(model) ? model['merges'] : undefined;
  return (Array.isArray(merges) ? (merges as unknown[]) : []).map((merge) => {
    if (Array.isArray(merge)) return [String(merge[0]), String(merge[1])];
    const text = String(merge);
    const space = text.indexOf(' ', 1);
    return [text.slice(0, space), text.slice(space + 1)];
  });
}

/**
 * Scores that make SentencePiece join in the order of the merges: it takes the neighbours whose joint token has the
 * highest score. Tokens that no merge gives come last.
 */
function scoresFromMerges(tokens: readonly string[], merges: readonly (readonly [string, string])[]): number[] {
  const rank = new Map<string, number>();
  for (const [left, right] of merges) if (!rank.has(left + right)) rank.set(left + right, rank.size);
  return tokens.map((token, id) => -(rank.get(token) ?? merges.length + id));
}

function refused({ place }: TokenizerFiles, reason: string): AppError {
  return new AppError(
    'TOKENIZER_INVALID',
    `The tokenizer of ${place} ${reason}; export a Hugging Face folder instead of GGUF.`,
  );
}
