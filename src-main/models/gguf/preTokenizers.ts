/**
 * How text is cut before byte-level BPE, by `tokenizer.ggml.pre`. The expressions are facts of the models' own
 * tokenizer.json files; the names are llama.cpp's.
 */
import type { JsonObject } from '../jsonFile.ts';

const byteLevelOnly = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false } as const;
/** The expression of GPT-2 is built into ByteLevel. */
const gpt2 = { ...byteLevelOnly, use_regex: true } as const;

function split(expression: string): JsonObject {
  return { type: 'Split', pattern: { Regex: expression }, behavior: 'Isolated', invert: false };
}

function sequence(...steps: readonly JsonObject[]): JsonObject {
  return { type: 'Sequence', pretokenizers: steps };
}

const afterLetters = String.raw`| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
const contractions = `(?i:'s|'t|'re|'ve|'m|'ll|'d)`;
const letters = String.raw`|[^\r\n\p{L}\p{N}]?\p{L}+|`;
const upperThenLower =
  String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|` +
  String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|`;

interface PreTokenizer {
  readonly pre_tokenizer: JsonObject;
  readonly normalizer?: JsonObject;
  /** Whether a whole piece that is a token is taken without merging. */
  readonly ignoreMerges?: boolean;
}

const digitsThenGpt2: PreTokenizer = {
  pre_tokenizer: sequence({ type: 'Digits', individual_digits: true }, gpt2),
};
const gpt2Alone: PreTokenizer = { pre_tokenizer: gpt2 };
const llama3: PreTokenizer = {
  pre_tokenizer: sequence(split(contractions + letters + String.raw`\p{N}{1,3}` + afterLetters), byteLevelOnly),
  ignoreMerges: true,
};
const qwen2: PreTokenizer = {
  pre_tokenizer: sequence(split(contractions + letters + String.raw`\p{N}` + afterLetters), byteLevelOnly),
  normalizer: { type: 'NFC' },
};
const tekken: PreTokenizer = {
  pre_tokenizer: sequence(
    split(upperThenLower + String.raw`\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`),
    byteLevelOnly,
  ),
  ignoreMerges: true,
};
/** What llama.cpp does with files that do not say how to cut. */
const unstated: PreTokenizer = {
  pre_tokenizer: sequence(
    split(String.raw`[\p{P}\$\+<=>\^~\|]+`),
    split(String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)`),
    split(String.raw`\p{N}+`),
    split('[0-9][0-9][0-9]'),
    byteLevelOnly,
  ),
};

const byName: Readonly<Record<string, PreTokenizer>> = {
  default: unstated,
  'gpt-2': gpt2Alone,
  'phi-2': gpt2Alone,
  olmo: gpt2Alone,
  mpt: gpt2Alone,
  smollm: digitsThenGpt2,
  starcoder: digitsThenGpt2,
  refact: digitsThenGpt2,
  codeshell: digitsThenGpt2,
  'command-r': digitsThenGpt2,
  'llama-bpe': llama3,
  'llama-v3': llama3,
  llama3,
  falcon3: llama3,
  'smaug-bpe': { ...llama3, ignoreMerges: false },
  qwen2,
  'deepseek-r1-qwen': { ...qwen2, normalizer: { type: 'NFC' } },
  megrez: qwen2,
  tekken,
};

/** Undefined for a name that is not known: guessing would give wrong ids. */
export function preTokenizerOf(pre: string | undefined): PreTokenizer | undefined {
  const name = pre ?? 'default';
  return Object.hasOwn(byName, name) ? byName[name] : undefined;
}

/** Every known way with its name; of several names the usual one comes first. */
export const knownPreTokenizers: readonly (readonly [string, PreTokenizer])[] = Object.entries(byName).filter(
  ([name]) => name !== 'default',
);
