/** The tokenizer's vocabulary as GGUF metadata state it. Keys: docs/gguf.md of ggml, "tokenizer.ggml.*". */
import { AppError } from '../../util/appError.ts';
import { isList, type GgufFields } from '../families/ggufFields.ts';

export const tokenTypes = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

export interface GgufVocabulary {
  /** How errors call it. */
  readonly place: string;
  /** `gpt2` (byte-level BPE) or `llama` (SentencePiece BPE). */
  readonly model: 'gpt2' | 'llama';
  readonly pre: string | undefined;
  readonly tokens: readonly string[];
  /** One of {@link tokenTypes} for each token. */
  readonly types: readonly number[];
  readonly scores: readonly number[];
  readonly merges: readonly string[];
  readonly bosId: number | undefined;
  readonly eosId: number | undefined;
  readonly unknownId: number | undefined;
  readonly paddingId: number | undefined;
  /** Every id that ends generation, the end token first. */
  readonly eosIds: readonly number[];
  readonly addBos: boolean;
  readonly addEos: boolean;
  readonly addSpacePrefix: boolean;
  readonly chatTemplate: string | undefined;
}

/** @throws AppError TOKENIZER_INVALID when the metadata hold no vocabulary or one of an unsupported kind */
export function readVocabulary(fields: GgufFields): GgufVocabulary {
  const model = fields.optionalText('tokenizer.ggml.model');
  if (model !== 'gpt2' && model !== 'llama') {
    throw unsupported(
      fields.place,
      model === undefined ? 'holds no tokenizer' : `holds a tokenizer of the kind "${model}", which is not supported`,
    );
  }
  const tokens = texts(fields, 'tokens');
  if (tokens.length === 0) throw unsupported(fields.place, 'holds no tokens');
  const id = (role: string): number | undefined => {
    const value = fields.optionalId(`tokenizer.ggml.${role}`);
    return value !== undefined && value < tokens.length ? value : undefined;
  };
  const eosId = id('eos_token_id');
  const pre = fields.optionalText('tokenizer.ggml.pre');
  const ends = [eosId, id('eot_token_id'), id('eom_token_id')].filter((end) => end !== undefined);
  return {
    place: fields.place,
    model,
    pre,
    tokens,
    types: numbers(fields, 'token_type', tokens.length, tokenTypes.normal),
    scores: numbers(fields, 'scores', tokens.length, 0),
    merges: texts(fields, 'merges'),
    bosId: id('bos_token_id'),
    eosId,
    unknownId: id('unknown_token_id') ?? (model === 'llama' ? 0 : undefined),
    paddingId: id('padding_token_id'),
    eosIds: [...new Set(ends)],
    // Without the key SentencePiece models begin with their begin token, as do those split like Llama 3.
    addBos: fields.optionalFlag('tokenizer.ggml.add_bos_token') ?? (model === 'llama' || pre === 'llama-bpe'),
    addEos: fields.optionalFlag('tokenizer.ggml.add_eos_token') ?? false,
    addSpacePrefix: fields.optionalFlag('tokenizer.ggml.add_space_prefix') ?? model === 'llama',
    chatTemplate: fields.optionalText('tokenizer.chat_template'),
  };
}

function texts(fields: GgufFields, key: string): string[] {
  const value = fields.metadata.get(`tokenizer.ggml.${key}`) ?? [];
  const items = isList(value) ? value : [];
  return items.map((item) => {
    if (typeof item !== 'string') throw unsupported(fields.place, `holds tokenizer.ggml.${key} that are not text`);
    return item;
  });
}

function numbers(fields: GgufFields, key: string, length: number, missing: number): number[] {
  const value = fields.metadata.get(`tokenizer.ggml.${key}`);
  if (value === undefined) return new Array<number>(length).fill(missing);
  const items = isList(value) ? value : [];
  if (items.length !== length) {
    throw unsupported(fields.place, `holds ${items.length} tokenizer.ggml.${key} for ${length} tokens`);
  }
  return items.map((item) => {
    if (typeof item !== 'number') throw unsupported(fields.place, `holds tokenizer.ggml.${key} that are not numbers`);
    return item;
  });
}

export function unsupported(place: string, fault: string): AppError {
  return new AppError(
    'TOKENIZER_INVALID',
    `${place} ${fault}; choose a Hugging Face folder of the model with its tokenizer.json.`,
  );
}
