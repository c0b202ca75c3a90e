/**
 * tokenizer.json rewritten so that the JavaScript library cuts text exactly as the reference does. The library's
 * Digits knows only 0–9, where the reference takes every Unicode number; its ByteLevel uses JavaScript's idea of white
 * space, which has U+FEFF and lacks U+0085. Its Split translates expressions correctly, so both become Splits.
 */
import { isJsonObject, type JsonObject } from '../jsonFile.ts';

const gpt2Expression = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;

export function correctTokenizer(tokenizer: JsonObject): JsonObject {
  return { ...tokenizer, pre_tokenizer: correctPreTokenizer(tokenizer['pre_tokenizer']) };
}

function correctPreTokenizer(config: unknown): unknown {
  if (!isJsonObject(config)) return config ?? null;
  switch (config['type']) {
    case 'Sequence': {
      const steps: unknown = config['pretokenizers'];
      return { ...config, pretokenizers: Array.isArray(steps) ? steps.map(correctPreTokenizer) : [] };
    }
    case 'Digits':
      return split(config['individual_digits'] === true ? String.raw`\p{N}` : String.raw`\p{N}+`);
    case 'ByteLevel':
      // The space that add_prefix_space adds must come before the cutting, so that one stays as it is.
      if (config['use_regex'] === false || config['add_prefix_space'] === true) return config;
      return { type: 'Sequence', pretokenizers: [split(gpt2Expression), { ...config, use_regex: false }] };
    default:
      return config;
  }
}

function split(expression: string): JsonObject {
  return { type: 'Split', pattern: { Regex: expression }, behavior: 'Isolated', invert: false };
}
