import { Template } from '@huggingface/jinja';
import type { Tokenizer } from '../../../src-main/models/types.ts';

/** ChatML, as SmolLM2, Qwen and others use it. */
export const chatMl =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

export const end = 1;
const begin = 0;
const specials = ['<s>', '<|im_end|>', '<|im_start|>'];
/** Pairs that are one token, so that tokens can straddle a border between segments. */
const pairs = ['\n\n', '\nb', 'th'];
const firstPair = 200;

/** A whole small tokenizer: special tokens, the pairs above, else one token a character (its code). */
export class LetterTokenizer implements Tokenizer {
  readonly vocabularySize = 256;
  readonly bosId: number | undefined;
  readonly eosIds: readonly number[] = [end];
  readonly #template: Template | undefined;

  constructor(options: { readonly template?: string; readonly addsBos?: boolean }) {
    this.bosId = options.addsBos === true ? begin : undefined;
    this.#template = options.template === undefined ? undefined : new Template(options.template);
  }

  get hasChatTemplate(): boolean {
    return this.#template !== undefined;
  }

  encode(text: string, addSpecialTokens: boolean): number[] {
    const ids = addSpecialTokens && this.bosId !== undefined ? [this.bosId] : [];
    for (let i = 0; i < text.length;) {
      const special = specials.findIndex((token) => text.startsWith(token, i));
      const pair = pairs.findIndex((token) => text.startsWith(token, i));
      if (special >= 0) ids.push(special);
      else if (pair >= 0) ids.push(firstPair + pair);
      else ids.push(text.charCodeAt(i));
      i += (specials[special] ?? pairs[pair] ?? 'x').length;
    }
    return ids;
  }

  decode(ids: readonly number[], skipSpecialTokens: boolean): string {
    return ids
      .map((id) => {
        if (id < specials.length) return skipSpecialTokens ? '' : (specials[id] ?? '');
        return pairs[id - firstPair] ?? String.fromCharCode(id);
      })
      .join('');
  }

  renderChat(messages: readonly { role: string; content: string }[], addGenerationPrompt: boolean): string {
    if (this.#template === undefined) throw new Error('no template');
    return this.#template.render({
      messages: messages.map((message) => ({ ...message })),
      add_generation_prompt: addGenerationPrompt,
    });
  }
}

/** The tokens of a row as text, those with loss in [brackets]; neighbours are joined. */
export function marked(tokenizer: Tokenizer, row: { readonly ids: Int32Array; readonly loss: Uint8Array }): string {
  const parts = [...row.ids].map((id, i) => {
    const text = tokenizer.decode([id], false);
    return row.loss[i] === 1 ? `[${text}]` : text;
  });
  return parts.join('').replaceAll('][', '');
}
