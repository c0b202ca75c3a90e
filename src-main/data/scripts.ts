import type { Example } from './example.ts';

/** Scripts that are told apart; `Han` of Japanese text counts as Japanese where kana stand beside it. */
const scripts: readonly (readonly [string, RegExp])[] = [
  ['Latin', /\p{Script=Latin}/gu],
  ['Han', /\p{Script=Han}/gu],
  ['Japanese', /[\p{Script=Hiragana}\p{Script=Katakana}]/gu],
  ['Hangul', /\p{Script=Hangul}/gu],
  ['Cyrillic', /\p{Script=Cyrillic}/gu],
  ['Arabic', /\p{Script=Arabic}/gu],
  ['Devanagari', /\p{Script=Devanagari}/gu],
  ['Greek', /\p{Script=Greek}/gu],
  ['Hebrew', /\p{Script=Hebrew}/gu],
  ['Thai', /\p{Script=Thai}/gu],
];
/** Characters of a row that are looked at. */
const sample = 400;

/** The script that most letters of a row's answer (or text) are of; `other` without letters or in a script not told apart. */
export function scriptOf(example: Example): string {
  const text = learntText(example).slice(0, sample);
  const counts = scripts.map(([name, letters]) => [name, text.match(letters)?.length ?? 0] as const);
  const [name, most] = counts.reduce<readonly [string, number]>(
    (best, each) => (each[1] > best[1] ? each : best),
    ['other', 0],
  );
  const kana = counts.find(([each]) => each === 'Japanese')?.[1] ?? 0;
  return name === 'Han' && kana * 10 > most ? 'Japanese' : name;
}

/** What a model learns to write of a row: its (last) answer, or its text. */
export function learntText(example: Example): string {
  switch (example.kind) {
    case 'prompt':
      return example.completion;
    case 'messages':
      return example.messages.findLast((message) => message.role === 'assistant')?.content ?? '';
    case 'text':
      return example.text;
  }
}
