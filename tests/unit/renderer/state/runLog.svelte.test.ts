import { describe, expect, test } from 'vitest';
import type { TrainEvent } from '../../../../src-main/contract/training.ts';
import { lineTable } from '../../../../src-renderer/charts/lineTable.ts';
import { RunLog } from '../../../../src-renderer/state/runLog.svelte.ts';
import { runRecord, trainingEvents } from '../../../renderer/fakeContents.ts';

function told(events: readonly TrainEvent[]): RunLog {
  const log = new RunLog();
  events.forEach((event) => log.apply(event));
  return log;
}

describe('the log of a run', () => {
  const log = told(trainingEvents('/runs/one', 24));
  test('holds every series, the base loss and the best evaluation', () => {
    expect(log.loss.length).toBe(24);
    expect(log.validation.length).toBe(5);
    expect(log.baseLoss).toBe(2.584);
    expect(log.best?.step).toBe(24);
    expect(log.learnt.map((frame) => frame.step)).toEqual([6, 12, 18, 24]);
    expect(log.done?.steps).toBe(24);
  });
  test('puts what was learnt in the order of the ranks, unknown where not told', () => {
    const ranks = log.start?.ranks.slice(0, 2) ?? [];
    const small = told([
      { ...(log.start ?? fail()), ranks },
      { event: 'learnt', step: 1, matrices: [{ name: ranks[1]?.name ?? '', relativeNorm: 0.5, effectiveRank: 2 }] },
    ]);
    expect(small.learnt[0]?.relativeNorm[0]).toBeNaN();
    expect(small.learnt[0]?.relativeNorm[1]).toBe(0.5);
  });
  test('holds gates in the order of the ranks, set by set, unknown where not told', () => {
    const ranks = log.start?.ranks.slice(0, 2) ?? [];
    const gates = told([
      { ...(log.start ?? fail()), ranks },
      {
        event: 'gates',
        step: 4,
        matrices: [{ name: ranks[1]?.name ?? '', mean: [0.25, 0.75], deviation: [0.1, 0.2] }],
      },
    ]).gates;
    expect(gates).toEqual([
      {
        step: 4,
        mean: Float64Array.of(NaN, NaN, 0.25, 0.75),
        deviation: Float64Array.of(NaN, NaN, 0.1, 0.2),
      },
    ]);
  });
  // Would catch: two maps of one step after a run was taken up again before it.
  test('ranks over time of steps that are repeated are replaced', () => {
    const at = (step: number, rank: number): TrainEvent => ({ event: 'ranks', step, budget: 8, ranks: [rank] });
    const { ranks } = told([at(1, 12), at(2, 11), at(3, 9), at(2, 10)]);
    expect(ranks.map(({ step, values }) => [step, values[0]])).toEqual([
      [1, 12],
      [2, 10],
    ]);
  });
  test('a resumed run goes on where it was taken up, without doubled steps', () => {
    const again = told(trainingEvents('/runs/one', 24).slice(0, 20));
    const seen = again.loss.length;
    trainingEvents('/runs/one', 24).forEach((event) => {
      if (event.event === 'step' && event.step > seen - 2) again.apply(event);
    });
    expect([...again.loss.x]).toEqual(Array.from({ length: 24 }, (_, i) => i + 1));
  });
  test('a record alone gives the map its matrices and the base loss', () => {
    const replayed = new RunLog();
    replayed.takeRecord(runRecord('r', 'n', 'stopped', 3, 1.5));
    expect(replayed.start?.ranks.length).toBe(210);
    expect(replayed.baseLoss).toBe(2.584);
  });
  test('the table of the curves has one row a step and holes where nothing was measured', () => {
    const table = lineTable('step', [
      { key: 'a', label: 'training', data: log.loss, colour: 0 },
      { key: 'b', label: 'held-out', data: log.validation, colour: 1 },
    ]);
    expect(table.rows.length).toBe(25);
    expect(table.rows[0]).toEqual([0, undefined, 2.584]);
    expect(table.rows[1]?.[2]).toBeUndefined();
  });
});

function fail(): never {
  throw new Error('The log has no start.');
}
