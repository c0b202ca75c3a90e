import { expect, it } from 'vitest';
import { preTokenizerExpressions } from '../../support/preTokenizerExpressions.ts';
import { isRisky } from '../../../src-main/models/tokenizer/expressions.ts';
import { withinTime } from '../../../src-main/util/withinTime.ts';

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
  expect(() => withinTime(50, () => /^(a+)+$/.test(`${'a'.repeat(100)}!`))).toThrow(/timed out/);
});
