import { expect, test } from 'vitest';
import { AppFailure } from '../../../../src-renderer/bridge/appFailure.ts';
import { en } from '../../../../src-renderer/text/en.ts';
import { dayAndTime, duration } from '../../../../src-renderer/text/format.ts';
import { setLanguage, t } from '../../../../src-renderer/text/text.svelte.ts';

test('placeholders are filled and numbers grouped', () => {
  expect(t('common.left', { time: '4 min' })).toBe('4 min left');
  expect(t('common.rows', { count: 1207 })).toBe('1,207 rows');
});

test('a counted text follows the count', () => {
  expect([0, 1, 2].map((count) => t('common.rows', { count }))).toEqual(['0 rows', '1 row', '2 rows']);
});

// Would catch: an error that tells a person who chose Chinese what to do in English.
test('what an error means and what to do follows the language', () => {
  const failure = new AppFailure({ code: 'DISK_FULL', message: 'The disk of /runs is full.' });
  expect([failure.means, failure.remedy]).toEqual([undefined, 'Free space or choose another folder.']);
  setLanguage('zh');
  expect([failure.means, failure.remedy]).toEqual(['磁盘上没有足够的可用空间。', '请释放空间，或选择另一个文件夹。']);
  setLanguage('en');
});

// Would catch: a switch of the language that leaves words, numbers or times of the other one on the screen.
test('texts, lengths of time and dates follow the language at once', () => {
  const shown = () => [
    t('nav.home'),
    t('common.rows', { count: 1207 }),
    duration(4320),
    dayAndTime('2026-11-22T18:04'),
  ];
  setLanguage('zh');
  expect(shown()).toEqual(['主页', '1,207 行', '1 小时 12 分钟', '2026年11月22日 18:04']);
  setLanguage('en');
  expect(shown()).toEqual(['Home', '1,207 rows', '1 h 12 min', '22 Nov 2026, 18:04']);
});

/** Every text as a person reads it, with its key. */
function allTexts(): [string, string][] {
  return Object.entries(en).flatMap(([key, entry]): [string, string][] =>
    typeof entry === 'string'
      ? [[key, entry]]
      : Object.values(entry as Record<string, string>).map((text) => [key, text]),
  );
}

// Would catch: a text that shows its braces because the placeholder is misspelt or not closed.
test('every placeholder is a name in braces', () => {
  const odd = allTexts().filter(([, text]) => /[{}]/.test(text.replace(/\{\w+\}/g, '')));
  expect(odd).toEqual([]);
});

test('texts are calm: none is empty, none exclaims, none has stray space', () => {
  const odd = allTexts().filter(([, text]) => text.trim() === '' || /!(?!=)/.test(text) || /^\s|\s$|\s{2}/.test(text));
  expect(odd).toEqual([]);
});

test('the forms of a counted text have the same placeholders', () => {
  const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
  const odd = Object.entries(en).filter(
    ([, entry]) => typeof entry !== 'string' && names(entry.one).join() !== names(entry.other).join(),
  );
  expect(odd.map(([key]) => key)).toEqual([]);
});
