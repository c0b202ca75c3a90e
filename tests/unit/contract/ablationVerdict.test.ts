import { describe, expect, it } from 'vitest';
import { atEdge, compareMethods } from '../../../src-main/contract/ablationVerdict.ts';
import { ablationResult } from '../../support/studyResults.ts';

describe('what an ablation allows to be said', () => {
  // The interval is SciPy's t.interval(0.95, 2, mean, sem) of the differences.
  it('compares by seed, each method at its best learning rate', () => {
    const result = ablationResult([
      {
        label: 'LoRA',
        losses: [
          [1.36, 1.33, 1.37],
          [2, 2, 2],
        ],
      },
      {
        label: 'SARA',
        losses: [
          [1.5, 1.5, 1.5],
          [1.31, 1.29, 1.35],
        ],
      },
    ]);
    const [comparison] = compareMethods(result);
    expect(comparison).toMatchObject({
      label: 'SARA',
      reference: 'LoRA',
      seeds: 3,
      parameters: 1,
      verdict: 'undecided',
    });
    expect(comparison?.difference).toBeCloseTo(-0.0366666667, 9);
    expect(comparison?.interval?.[0]).toBeCloseTo(-0.0746125, 4);
    expect(comparison?.interval?.[1]).toBeCloseTo(0.0012792, 4);
  });

  it('says better or worse only where the interval leaves 0 out', () => {
    const result = ablationResult([
      { label: 'reference', losses: [[1.3, 1.4, 1.5]] },
      { label: 'better', losses: [[1.2, 1.31, 1.4]] },
      { label: 'worse', losses: [[1.41, 1.5, 1.6]] },
      { label: 'either', losses: [[1.2, 1.5, 1.5]] },
      { label: 'one seed', losses: [[1]] },
    ]);
    expect(compareMethods(result).map(({ verdict }) => verdict)).toEqual(['better', 'worse', 'undecided', 'undecided']);
  });

  it('takes no part of a method with a seed that diverged, and marks a best rate at the edge', () => {
    const result = ablationResult([
      { label: 'reference', losses: [[1.3], [1.2], [1.4]] },
      { label: 'diverged', losses: [[null]] },
    ]);
    expect(compareMethods(result)).toEqual([]);
    expect(result.rows.map(atEdge)).toEqual([false, false]);
    expect(ablationResult([{ label: 'x', losses: [[3], [2], [1]] }]).rows.map(atEdge)).toEqual([true]);
    // A rate that is planned and not computed yet says nothing of what lies beyond the others.
    expect(ablationResult([{ label: 'x', losses: [[3], [2], [1], []] }]).rows.map(atEdge)).toEqual([true]);
  });
});
