import { isJsonObject, type JsonObject } from '../jsonFile.ts';
import { knownPreTokenizers } from './preTokenizers.ts';

/**
 * The name that llama.cpp gives to the way a tokenizer.json cuts text before byte-level BPE; undefined when it is none
 * that is known. Two ways are the same when they have the same steps; how offsets are trimmed changes no token.
 */
export function identifyPreTokenizer(tokenizer: JsonObject): string | undefined {
  const model = tokenizer['model'];
  const ignoreMerges = isJsonObject(model) && model['ignore_merges'] === true;
  const wanted = stepsOf(tokenizer['pre_tokenizer']);
  const normalizer = stepsOf(tokenizer['normalizer']);
  if (wanted === undefined || normalizer === undefined) return undefined;
  return knownPreTokenizers.find(([, known]) => {
    // GGUF files have no place for NFC; runners leave it out.
    const normal = normalizer === '' || normalizer === stepsOf(known.normalizer);
    return stepsOf(known.pre_tokenizer) === wanted && (known.ignoreMerges ?? false) === ignoreMerges && normal;
  })?.[0];
}

/** One line of the steps that have an effect; empty for none, undefined for one that is not known. */
function stepsOf(step: unknown): string | undefined {
  if (step === null || step === undefined) return '';
  if (!isJsonObject(step)) return undefined;
  const text = (...parts: unknown[]): string => JSON.stringify(parts);
  switch (step['type']) {
    case 'Sequence': {
      const list: unknown = step['pretokenizers'] ?? step['normalizers'];
      if (!Array.isArray(list)) return undefined;
      const steps = list.map(stepsOf);
      return steps.includes(undefined) ? undefined : steps.filter((part) => part !== '').join(' ');
    }
    case 'ByteLevel':
      return text('ByteLevel', step['add_prefix_space'] ?? true, step['use_regex'] ?? true);
    case 'Digits':
      return text('Digits', step['individual_digits'] ?? false);
    case 'Split': {
      const pattern = step['pattern'];
      const regex = isJsonObject(pattern) ? pattern['Regex'] : undefined;
      return text('Split', regex, step['behavior'], step['invert'] ?? false);
    }
    case 'NFC':
      return text('NFC');
    default:
      return undefined;
  }
}
