import type { Tokenizer } from '../models/types.ts';

const replacement = '\ufffd';
/** A character of UTF-8 has at most four bytes, hence at most four tokens. */
const longestCharacter = 4;

/**
 * The text of each token. Where several tokens make one character, the first has the character and the others are
 * empty; decoded alone they would be replacement characters.
 */
export function tokenTexts(ids: Int32Array, tokenizer: Tokenizer): string[] {
  const texts: string[] = [];
  for (let i = 0; i < ids.length;) {
    let length = 1;
    let text = decodeRun(ids, i, length, tokenizer);
    while (text.includes(replacement) && length < longestCharacter && i + length < ids.length) {
      const longer = decodeRun(ids, i, length + 1, tokenizer);
      length += 1;
      if (longer.includes(replacement)) continue;
      text = longer;
    }
    if (text.includes(replacement)) length = 1;
    texts.push(text);
    for (let rest = 1; rest < length; rest += 1) texts.push('');
    i += length;
  }
  return texts;
}

/**
 * What a run of tokens adds to the text before it. Decoded by themselves, tokens of a SentencePiece vocabulary lose the
 * space they begin with, as the first of a text does.
 */
function decodeRun(ids: Int32Array, from: number, length: number, tokenizer: Tokenizer): string {
  const run = [...ids.subarray(from, from + length)];
  const before = [...ids.subarray(Math.max(0, from - longestCharacter), from)];
  const head = tokenizer.decode(before, false);
  const whole = tokenizer.decode([...before, ...run], false);
  const follows = !head.endsWith(replacement) && whole.startsWith(head);
  return follows ? whole.slice(head.length) : tokenizer.decode(run, false);
}
