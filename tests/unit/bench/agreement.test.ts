import { describe, expect, it } from 'vitest';
import { agreement, agreementOfRounds, describeAgreement } from '../../bench/agreement.ts';

describe('what both sides must agree on', () => {
  it('is compared relative to its size, element by element', () => {
    const found = agreement({ loss: 2, list: [1, 100] }, { loss: 2.0002, list: [1, 100.001] }, 1e-3);
    expect(found.get('loss')).toBeCloseTo(1e-4, 6);
    expect(found.get('list')).toBeCloseTo(1e-5, 7);
  });

  it('stops the measurement where it differs, and names what', () => {
    expect(() => agreement({ loss: 2 }, { loss: 2.1 }, 1e-3)).toThrow(/loss \(2 and 2.1\)/);
    expect(() => agreement({ tokens: [1, 2] }, { tokens: [1, 2, 3] }, 0)).toThrow(/tokens/);
    expect(() => agreement({ tokens: [1, 2] }, { tokens: [1, 3] }, 0)).toThrow(/tokens/);
  });

  // NaN compares as "not larger than the tolerance" when written the wrong way round.
  it('refuses a loss that is not a number', () => {
    expect(() => agreement({ loss: NaN }, { loss: NaN }, 1)).toThrow(/loss/);
  });

  it('is the worst of all rounds', () => {
    const round = (loss: number) => ({ seconds: 1, values: { loss } });
    const found = agreementOfRounds([round(1), round(1)], [round(1), round(1.001)], 0.01);
    expect(found.get('loss')).toBeCloseTo(1e-3, 4);
    expect(describeAgreement(found, 0.01)).toBe('loss within 1e-3 (allowed 1e-2)');
  });
});
