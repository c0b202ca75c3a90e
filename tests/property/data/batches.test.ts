import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BatchPlanner, type BatchOptions } from '../../../src-main/data/batches.ts';
import { packFirstFit } from '../../../src-main/data/packing.ts';

const lengthLists = fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 120 });
const options: fc.Arbitrary<BatchOptions> = fc.record({
  batchSize: fc.integer({ min: 1, max: 9 }),
  accumulation: fc.integer({ min: 1, max: 4 }),
  sequenceLength: fc.constant(64),
  packing: fc.boolean(),
  lengthBuckets: fc.boolean(),
  seed: fc.nat(),
});

describe('batch plans', () => {
  test('every epoch holds every example exactly once, whatever the settings', () => {
    fc.assert(
      fc.property(lengthLists, options, fc.nat(3), (lengths, chosen, epoch) => {
        const planner = new BatchPlanner(lengths, chosen, { epoch, index: 0 });
        const seen = Array.from({ length: planner.stepsOf(epoch) }, () => planner.next().flat()).flat();
        expect(seen.sort((a, b) => a - b)).toEqual(lengths.map((_, i) => i));
        expect(planner.position).toEqual({ epoch, index: planner.stepsOf(epoch) });
      }),
    );
  });

  test('from any saved position on, the batches are those of an uninterrupted run', () => {
    fc.assert(
      fc.property(lengthLists, options, fc.integer({ min: 0, max: 40 }), (lengths, chosen, done) => {
        const whole = new BatchPlanner(lengths, chosen);
        for (let i = 0; i < done; i += 1) whole.next();
        const resumed = new BatchPlanner(lengths, chosen, whole.position);
        for (let i = 0; i < 5; i += 1) expect(resumed.next()).toEqual(whole.next());
      }),
    );
  });
});

describe('packing', () => {
  test('rows hold what fits, each item once, and no two rows could have been one early on', () => {
    fc.assert(
      fc.property(lengthLists, (lengths) => {
        const rows = packFirstFit(lengths, 64);
        expect(rows.flat().sort((a, b) => a - b)).toEqual(lengths.map((_, i) => i));
        const fill = rows.map((row) => row.reduce((sum, i) => sum + (lengths[i] ?? 0), 0));
        for (const used of fill) expect(used).toBeLessThanOrEqual(64);
        // First fit opens a row only when the item fits no earlier one, so at most one row is half empty.
        expect(fill.filter((used) => used <= 32).length).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('equal to the plain search for the first row with room', () => {
    fc.assert(
      fc.property(lengthLists, (lengths) => {
        const rows: number[][] = [];
        const room: number[] = [];
        lengths.forEach((length, item) => {
          const found = room.findIndex((left) => left >= length);
          const row = found < 0 ? room.push(64) - 1 : found;
          room[row] = (room[row] ?? 0) - length;
          (rows[row] ??= []).push(item);
        });
        expect(packFirstFit(lengths, 64)).toEqual(rows);
      }),
    );
  });
});
