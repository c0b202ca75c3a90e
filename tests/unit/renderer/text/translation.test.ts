import { expect, test } from 'vitest';
import { languageOf } from '../../../../src-main/contract/language.ts';
import { en } from '../../../../src-renderer/text/en.ts';
import { zh } from '../../../../src-renderer/text/zh.ts';

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

test('the system’s language is followed where it has a catalogue, and a choice overrides it', () => {
  expect([
    languageOf('system', 'zh-TW'),
    languageOf('system', 'de-DE'),
    languageOf('system', 'en-GB'),
    languageOf('zh', 'en'),
    languageOf('en', 'zh-CN'),
  ]).toEqual(['zh', 'en', 'en', 'zh', 'en']);
});
