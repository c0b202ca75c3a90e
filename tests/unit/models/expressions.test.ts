import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { createTokenizer } from '../../../src-main/models/tokenizer/tokenizer.ts';
import { readTokenizerFiles } from '../../../src-main/models/tokenizer/tokenizerFiles.ts';
import { preTokenizerExpressions } from '../../support/preTokenizerExpressions.ts';
import { isRisky } from '../../../src-main/models/tokenizer/expressions.ts';
import { OutOfTime, withinTime } from '../../../src-main/util/withinTime.ts';

it.each(preTokenizerExpressions)('an expression of a tokenizer in use is not watched: %s', (expression) => {
  expect(isRisky(expression)).toBe(false);
});

it.each(['(a+)+$', '(a|a)*b', '(a*)*b', '(\\s+)+x', 'a*a*a*b', '(?:a?){40}b', '(a)\\1', '(?<x>a)\\k<x>', '(', ')'])(
  'an expression that may try too many ways is: %s',
  (expression) => {
    expect(isRisky(expression)).toBe(true);
  },
);

it('what never ends is ended, and what ends gives its value or its error', () => {
  expect(withinTime(1_000, () => 1 + 1)).toBe(2);
  expect(withinTime(1_000, () => withinTime(500, () => 'inner') + ' and outer')).toBe('inner and outer');
  expect(() =>
    withinTime(1_000, () => {
      throw new TypeError('x');
    }),
  ).toThrow(TypeError);
  expect(() => withinTime(50, () => /^(a+)+$/.test(`${'a'.repeat(100)}!`))).toThrow(OutOfTime);
});

// Bug: the end of the first text is not recognised, and every further one takes its half second.
it('the first text that takes too long is the last one that a tokenizer cuts', async () => {
  const sample = fileURLToPath(new URL('../../../resources/samples/stories260K', import.meta.url));
  const files = await readTokenizerFiles(sample);
  const normalizer = { type: 'Replace', pattern: { Regex: '(.*)*=' }, content: '' };
  const tokenizer = createTokenizer(
    { ...files, tokenizer: { ...files.tokenizer, normalizer } },
    undefined,
    () => new Date(0),
  );
  const faultOf = (text: string): unknown => {
    try {
      return tokenizer.encode(text, true);
    } catch (error) {
      return error;
    }
  };
  const first = faultOf('Once upon a time, there was a little girl.');
  expect(String(first)).toContain('takes too long');
  expect(faultOf('x')).toBe(first);
});
