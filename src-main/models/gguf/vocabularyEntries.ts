import { countEntry, flagEntry, floatsEntry, integersEntry, textEntry, textsEntry, type GgufEntry } from './entries.ts';
import type { GgufVocabulary } from './vocabulary.ts';

/** The vocabulary as metadata; the inverse of `readVocabulary`. Keys: docs/gguf.md of ggml, "tokenizer.ggml.*". */
export function vocabularyEntries(vocabulary: GgufVocabulary): GgufEntry[] {
  const { model, pre, tokens, types, scores, merges, bosId, unknownId, paddingId, chatTemplate } = vocabulary;
  const [eosId, endOfTurnId, endOfMessageId] = vocabulary.eosIds;
  const id = (role: string, value: number | undefined): GgufEntry[] =>
    value === undefined ? [] : [countEntry(`tokenizer.ggml.${role}`, value)];
  return [
    textEntry('tokenizer.ggml.model', model),
    textEntry('tokenizer.ggml.pre', pre ?? 'default'),
    textsEntry('tokenizer.ggml.tokens', tokens),
    ...(model === 'llama' ? [floatsEntry('tokenizer.ggml.scores', scores)] : []),
    integersEntry('tokenizer.ggml.token_type', types),
    ...(model === 'gpt2' ? [textsEntry('tokenizer.ggml.merges', merges)] : []),
    ...id('bos_token_id', bosId),
    ...id('eos_token_id', eosId),
    ...id('eot_token_id', endOfTurnId),
    ...id('eom_token_id', endOfMessageId),
    ...id('unknown_token_id', unknownId),
    ...id('padding_token_id', paddingId),
    flagEntry('tokenizer.ggml.add_bos_token', vocabulary.addBos),
    flagEntry('tokenizer.ggml.add_eos_token', vocabulary.addEos),
    ...(model === 'llama' ? [flagEntry('tokenizer.ggml.add_space_prefix', vocabulary.addSpacePrefix)] : []),
    ...(chatTemplate === undefined ? [] : [textEntry('tokenizer.chat_template', chatTemplate)]),
  ];
}
