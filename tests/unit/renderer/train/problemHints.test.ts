import { describe, expect, test } from 'vitest';
import { problemsOf, type RunFacts } from '../../../../src-renderer/features/train/problemHints.ts';
import { changeText, shortShare } from '../../../../src-renderer/features/train/learntTexts.ts';

function series(y: readonly number[], every = 1): { x: number[]; y: readonly number[]; length: number } {
  return { x: y.map((_, i) => (i + 1) * every), y, length: y.length };
}
const falling = Array.from({ length: 30 }, (_, i) => 2.6 - i * 0.03);
const healthy: RunFacts = {
  loss: series(falling),
  validation: series([2.5, 2.2, 1.9], 10),
  gradientNorm: series(falling.map(() => 1)),
};
const kinds = (facts: RunFacts): string[] => problemsOf(facts).map((problem) => problem.kind);

describe('problems', () => {
  test('a healthy run has none, nor has one that has just begun', () => {
    expect(kinds(healthy)).toEqual([]);
    expect(kinds({ loss: series([]), validation: series([]), gradientNorm: series([]) })).toEqual([]);
    expect(kinds({ ...healthy, loss: series([2, 9, 2]) })).toEqual([]);
  });
  test('a loss that turns and climbs is told with the step where it turned', () => {
    const climbs = [...falling.slice(0, 15), ...Array.from({ length: 15 }, (_, i) => 2.2 + i * 0.2)];
    const [problem] = problemsOf({ ...healthy, loss: series(climbs) });
    expect(problem?.kind).toBe('rising');
    expect(problem?.step).toBeGreaterThan(10);
    expect(problem?.step).toBeLessThan(20);
  });
  test('noise around a falling loss is no rise', () => {
    const noisy = falling.map((loss, i) => loss + (i % 2 === 0 ? 0.15 : -0.15));
    expect(kinds({ ...healthy, loss: series(noisy) })).toEqual([]);
  });
  test('a loss that is not a number is told at its step', () => {
    const [problem] = problemsOf({ ...healthy, loss: series([2, 2, NaN, 2]) });
    expect(problem).toMatchObject({ kind: 'non-finite', step: 3 });
  });
  test('held-out loss that climbs while training loss falls is learning by heart', () => {
    const [problem] = problemsOf({ ...healthy, validation: series([2.5, 2.0, 2.1, 2.2], 8) });
    expect(problem).toMatchObject({ kind: 'overfitting', step: 16 });
  });
  test('a gradient that vanished, but not one of a start without gradient', () => {
    expect(kinds({ ...healthy, gradientNorm: series([1, 1e-9, 1e-9, 1e-9]) })).toContain('vanishing');
    expect(kinds({ ...healthy, gradientNorm: series([0, 1, 1, 1]) })).toEqual([]);
  });
  test('a layer that learnt nothing is named', () => {
    const learnt = { step: 8, relativeNorm: [0.01, 0.02, 1e-9, 1e-8, 0.01, 0.02], layers: [0, 0, 1, 1, 2, 2] };
    expect(problemsOf({ ...healthy, learnt })[0]).toMatchObject({ kind: 'nothing-learnt', facts: { layers: '1' } });
    expect(kinds({ ...healthy, learnt: { ...learnt, relativeNorm: [0.01, 0, 0.01, 0, 0.01, 0] } })).toEqual([]);
  });
  test('memory near the limit', () => {
    expect(kinds({ ...healthy, memory: { used: 95, available: 100 } })).toEqual(['memory']);
    expect(kinds({ ...healthy, memory: { used: 50, available: 100 } })).toEqual([]);
  });
});

test('small changes keep a figure', () => {
  expect([0, 0.0004, 0.0132, 0.34].map(shortShare)).toEqual(['0', '0.04%', '1.3%', '34%']);
  expect(changeText(0.01324)).toBe('1.32 %');
  expect(changeText(NaN)).toBe('—');
});
