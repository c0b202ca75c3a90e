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
