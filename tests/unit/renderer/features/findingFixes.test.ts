import { expect, test } from 'vitest';
import type { DataFinding } from '../../../../src-main/contract/dataCheck.ts';
import { dataConfigSchema } from '../../../../src-main/contract/requests.schema.ts';
import { treat, treatmentOf, treatmentsOf } from '../../../../src-renderer/features/data/findingFixes.ts';
import { refusal } from '../../../../src-renderer/features/data/dataFacts.ts';
import { lengths } from '../../../renderer/fakeContents.ts';

const data = dataConfigSchema.parse({ path: '/d.jsonl', drop: ['too-long'] });
const leaks: DataFinding = { kind: 'leaks', count: 2, rows: [], fix: 'leaks', move: 'leaks' };

test('a finding is settled by one rule at a time, and other rules stay', () => {
  expect(treatmentsOf(leaks)).toEqual(['keep', 'drop', 'move']);
  const dropped = { ...data, ...treat(leaks, 'drop', data) };
  expect(dropped).toMatchObject({ drop: ['too-long', 'leaks'] });
  const moved = dataConfigSchema.parse({ ...dropped, ...treat(leaks, 'move', dataConfigSchema.parse(dropped)) });
  expect([moved.drop, moved.move, treatmentOf(leaks, moved)]).toEqual([['too-long'], ['leaks'], 'move']);
  const kept = treat(leaks, 'keep', moved);
  expect(kept).toEqual({ drop: ['too-long'], move: undefined });
});

test('rows that cannot be used are skipped by the setting of its own; what is left out anyway offers nothing', () => {
  const bad: DataFinding = { kind: 'bad-rows', count: 1, rows: [] };
  expect(treat(bad, 'drop', data)).toEqual({ skipBadRows: true });
  expect(treatmentOf(bad, { ...data, skipBadRows: true })).toBe('drop');
  expect(treatmentsOf({ kind: 'without-loss', count: 1, rows: [] })).toEqual([]);
});

// Would catch: a start that is refused by the engine minutes after the window let it through.
test('rows that teach nothing, or never to stop, are refused with their reason', () => {
  const some = lengths(100, 512);
  expect(refusal(some)).toBeUndefined();
  expect(refusal({ ...some, lossTokens: 0 })).toBe('data.noLossAtAll');
  expect(refusal({ ...some, answersWithoutEnd: some.answers, truncatedRows: 0 })).toBe('data.noEnd.template');
  expect(refusal({ ...some, answersWithoutEnd: some.answers, truncatedRows: some.rows })).toBe('data.noEnd.cut');
  // Plain text has no answers.
  expect(refusal({ ...some, answers: 0, answersWithoutEnd: 0, truncatedRows: some.rows })).toBeUndefined();
});
