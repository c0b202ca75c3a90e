/** What figures of studies are drawn with. */
import { expect, test } from 'vitest';
import { linearScale } from '../../../src-main/contract/figure/scale.ts';
import { label } from '../../../src-main/contract/figure/svg.ts';

// Would catch: ticks at 2.5 and 7.5 on an axis of ranks, or at every third number.
test.each([
  [11, [0, 5, 10]],
  [3, [0, 1, 2, 3]],
  [200, [0, 50, 100, 150, 200]],
])('an axis of whole numbers to %i has round ticks', (most, ticks) => {
  expect(linearScale([1, most], { zero: true, whole: true }).ticks).toEqual(ticks);
});

test('a letter after an underscore is an index, and other underscores stay', () => {
  const [, first, second] = label('W_q and W_v', 0, 0).split('<tspan');
  expect(first).toMatch(/font-size="0.75em">q<\/tspan>$/);
  expect(second).toMatch(/dy="-0.2em"> and W<\/tspan>$/);
  expect(label('SmolLM2.Q4_1 up_proj', 0, 0)).toContain('SmolLM2.Q4_1 up_proj');
});
