import { expect, test } from 'vitest';
import { errorTable } from '../../../../src-main/contract/errors.ts';
import { languageOf } from '../../../../src-main/contract/language.ts';
import { en } from '../../../../src-renderer/text/en.ts';
import { zh } from '../../../../src-renderer/text/zh.ts';
import { chineseErrors } from '../../../../src-renderer/text/zh/errors.ts';

const english: Readonly<Record<string, string | { readonly other: string }>> = en;
const chinese: Readonly<Record<string, string | undefined>> = zh;
const placeholders = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort().join(' ');

// Would catch: a new text that a person who chose Chinese sees in English.
test('every text of the window exists in Chinese, and no other', () => {
  expect({
    missing: Object.keys(english).filter((key) => chinese[key] === undefined),
    unknown: Object.keys(chinese).filter((key) => english[key] === undefined),
  }).toEqual({ missing: [], unknown: [] });
});

// Would catch: a number that the Chinese sentence leaves out, or braces shown because a name is misspelt.
test('a Chinese text has the placeholders of the English one', () => {
  const odd = Object.entries(chinese).filter(([key, text]) => {
    const source = english[key];
    return placeholders(text ?? '') !== placeholders(typeof source === 'string' ? source : (source?.other ?? ''));
  });
  expect(odd).toEqual([]);
});

test('Chinese sentences use Chinese punctuation, and are calm', () => {
  const odd = Object.entries(chinese).filter(([, text]) =>
    /[一-鿿][,;:?!]|[,;:?!][一-鿿]|[！]|[一-鿿] [一-鿿]|^\s|\s$|^$/.test(text ?? ''),
  );
  expect(odd).toEqual([]);
});

// Would catch: an error that tells a person who chose Chinese what to do in English.
test('what every error means and what to do exists in Chinese', () => {
  expect(Object.keys(chineseErrors).sort()).toEqual(Object.keys(errorTable).sort());
});

test('the system’s language is followed where it has a catalogue, and a choice overrides it', () => {
  expect([
    languageOf('system', 'zh-TW'),
    languageOf('system', 'de-DE'),
    languageOf('system', 'en-GB'),
    languageOf('zh', 'en'),
    languageOf('en', 'zh-CN'),
  ]).toEqual(['zh', 'en', 'en', 'zh', 'en']);
});
