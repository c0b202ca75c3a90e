/**
 * Looks for texts that end an answer. What may be the beginning of one is held back until it is known not to be, so that
 * a stream never shows what is cut off afterwards.
 */
export class StopTexts {
  readonly #texts: readonly string[];
  #held = '';
  #stopped = false;

  constructor(texts: readonly string[]) {
    this.#texts = texts;
  }

  /** True once one of the texts was found. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Takes the next piece and gives what is certain to belong to the answer. */
  push(piece: string): string {
    if (this.#stopped) return '';
    const text = this.#held + piece;
    const found = this.#texts.map((stop) => text.indexOf(stop)).filter((index) => index >= 0);
    if (found.length > 0) {
      this.#stopped = true;
      this.#held = '';
      return text.slice(0, Math.min(...found));
    }
    const kept = Math.max(0, ...this.#texts.map((stop) => beginningAtEnd(text, stop)));
    this.#held = text.slice(text.length - kept);
    return text.slice(0, text.length - kept);
  }

  /** What was held back when no more comes. */
  end(): string {
    const rest = this.#held;
    this.#held = '';
    return rest;
  }
}

/** Length of the longest end of `text` that is a beginning of `stop`, shorter than it. */
function beginningAtEnd(text: string, stop: string): number {
  for (let length = Math.min(text.length, stop.length - 1); length > 0; length--) {
    if (text.endsWith(stop.slice(0, length))) return length;
  }
  return 0;
}
