import { expect, test } from 'vitest';
import type { PreviewRow } from '../../../../src-main/contract/data.ts';
import {
  drawn,
  excerptOf,
  fieldsOf,
  isSpecial,
  lossCount,
  piecesOf,
} from '../../../../src-renderer/features/data/rowText.ts';

const token = (text: string, loss: boolean) => ({ id: 1, text, loss });
const row = (raw: string): PreviewRow => ({ row: 1, raw, rendered: '', tokens: [], truncated: 0 });

test('a row is told by its first text, whatever its layout', () => {
  expect(excerptOf(row('{"prompt":"  two\\n lines ","completion":"x"}'))).toBe('two lines');
  expect(excerptOf(row('{"messages":[{"role":"system","content":"s"},{"role":"user","content":"Hi"}]}'))).toBe('Hi');
  expect(excerptOf(row('{"instruction":"","input":"facts"}'))).toBe('facts');
  expect(excerptOf(row('{"id":"7","prompt":"What?"}'))).toBe('What?');
  expect(excerptOf(row('{"id":"7","ask":"How much?"}'), 'ask')).toBe('How much?');
  expect(excerptOf(row('not json'))).toBe('not json');
});

test('the columns of a row are shown one by one; what is no object is shown as it is', () => {
  expect(fieldsOf('{"a":"x","b":{"c":1}}')).toEqual([
    { name: 'a', text: 'x' },
    { name: 'b', text: '{\n  "c": 1\n}' },
  ]);
  expect([fieldsOf('[1]'), fieldsOf('text')]).toEqual([undefined, undefined]);
});

test('tokens with the same mark are read aloud as one piece', () => {
  const tokens = [token('a', false), token('b', false), token('c', true), token('d', true), token('e', false)];
  expect(piecesOf(tokens)).toEqual([
    { loss: false, text: 'ab' },
    { loss: true, text: 'cd' },
    { loss: false, text: 'e' },
  ]);
  expect(lossCount({ ...row('{}'), tokens })).toBe(2);
});

test('special tokens and line breaks are made visible', () => {
  expect(['<|im_end|>', '</s>', '< b', 'a<b>', '<>'].map(isSpecial)).toEqual([true, true, false, false, false]);
  expect(drawn('a\n\tb')).toBe('a↵\n⇥b');
});
