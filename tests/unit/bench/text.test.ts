import { describe, expect, it } from 'vitest';
import { comparison } from '../../bench/comparison.ts';
import { goalMet, missText, short, startsText } from '../../bench/text.ts';

describe('numbers of the bench', () => {
  it('have three digits that count, and never an exponent', () => {
    expect([0, 0.01234, 1.5, 99.95, 148.2, 12_345, -2.5].map(short)).toEqual([
      '0',
      '0.0123',
      '1.50',
      '100.0',
      '148',
      '12345',
      '-2.50',
    ]);
  });
});

it('kernel starts of a step are told with ops and graphs', () => {
  const extra = { tokens: 1024, starts: 2310, ops: 4620, graphs: 30 };
  expect(startsText(extra)).toBe('2310 kernel starts a step (4620 ops, 30 graphs).');
});

describe('goals', () => {
  const share = comparison({ name: 'share', unit: '%', kind: 'cost', ours: [3], goal: { of: 'value', limit: 2 } });

  // Read the wrong way round, a cost three times too high would count as met.
  it('of a cost are upper limits, of a rate lower ones', () => {
    expect(goalMet(share)).toBe(false);
    expect(goalMet({ ...share, kind: 'rate' })).toBe(true);
    expect(missText(share)).toBe('the goal of ≤ 2.00 % is missed by 50 %.');
  });

  it('of zero are missed without a share of zero', () => {
    const leak = comparison({
      name: 'leak',
      unit: 'tensors',
      kind: 'cost',
      ours: [4],
      goal: { of: 'value', limit: 0 },
    });
    expect(missText(leak)).toBe('the goal of ≤ 0 tensors is missed.');
  });
});
