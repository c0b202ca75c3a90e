import type { Tokenizer } from '../../../src-main/models/types.ts';
import { refusable } from '../format.ts';

/** Lengths and repetitions at which careless expressions and merges take forever. */
const texts = [
  'Once upon a time, there was a little girl.',
  `${'a'.repeat(2_000)}!`,
  ' '.repeat(500) + '\n'.repeat(200),
  '1234567890'.repeat(30),
  '\u{1f600}é\u0301\u{feff}\ud800 <s></s><|im_start|>',
  '',
];

const conversation = [
  { role: 'system', content: 'Be kind.' },
  { role: 'user', content: 'Hello!' },
  { role: 'assistant', content: 'Good day.' },
] as const;

/** Encodes, decodes and renders as training does. */
export async function useTokenizer(tokenizer: Tokenizer): Promise<void> {
  for (const text of texts) {
    await refusable(async () => {
      const ids = tokenizer.encode(text, true);
      await Promise.resolve(tokenizer.decode(ids, false));
    });
  }
  if (!tokenizer.hasChatTemplate) return;
  await refusable(async () => Promise.resolve(tokenizer.renderChat(conversation, true)));
}
