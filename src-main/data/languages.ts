import { eld } from 'eld/extrasmall';
import { learntText } from './scripts.ts';
import type { Example } from './example.ts';

/** Characters of a row that are looked at. */
const sample = 400;
/** Letters below which the language of a text is a guess. */
const fewestLetters = 12;
/** `und`etermined, as ISO 639 calls it. */
const undetermined = 'und';

/** The language (ISO 639-1) that a row's answer or text is in; `und` where that cannot be told. */
export function languageOf(example: Example): string {
  const text = learntText(example).slice(0, sample);
  if ((text.match(/\p{L}/gu)?.length ?? 0) < (/[\p{Script=Han}\p{Script=Hangul}]/u.test(text) ? 2 : fewestLetters)) {
    return undetermined;
  }
  const found = eld.detect(text);
  return found.language !== '' && found.isReliable() ? found.language : undetermined;
}
