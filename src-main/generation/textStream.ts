import type { Tokenizer } from '../models/types.ts';

const replacement = '\uFFFD';
/** A UTF-8 character has at most 4 bytes; a token has at least one. Beyond that the bytes are simply not text. */
const longestCharacter = 4;

/**
 * Turns a stream of token ids into a stream of text. The pieces joined are the text of all ids: a character whose bytes
 * are spread over several tokens is held back until it is whole, and each token is decoded with those before it, since
 * decoders treat the beginning of a text in ways of their own (SentencePiece strips a space there).
 */
export class TextStream {
  readonly #tokenizer: Pick<Tokenizer, 'decode'>;
  readonly #ids: number[] = [];
  /** ids[#context …] are decoded; the text of ids[#context … #told − 1] has been given out. */
  #context = 0;
  #told = 0;

  constructor(tokenizer: Pick<Tokenizer, 'decode'>) {
    this.#tokenizer = tokenizer;
  }

  /** Text that this token makes final; empty inside a character. */
  push(id: number): string {
    this.#ids.push(id);
    const heldBack = this.#ids.length - this.#told;
    return this.#release(heldBack <= longestCharacter);
  }

  /** Text still held back when no more tokens come. */
  end(): string {
    return this.#release(false);
  }

  #release(whole: boolean): string {
    const told = this.#tokenizer.decode(this.#ids.slice(this.#context, this.#told), true);
    const all = this.#tokenizer.decode(this.#ids.slice(this.#context), true);
    if (all.length <= told.length || (whole && all.endsWith(replacement))) return '';
    this.#context = this.#told;
    this.#told = this.#ids.length;
    return all.slice(told.length);
  }
}
