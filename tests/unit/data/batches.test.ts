import { describe, expect, test } from 'vitest';
import {
  assembleBatch,
  BatchPlanner,
  countLabels,
  evaluationBatches,
  type BatchOptions,
} from '../../../src-main/data/batches.ts';
import { Rng } from '../../../src-main/util/rng.ts';

const rng = new Rng(3);
const lengths = Array.from({ length: 203 }, () => 5 + rng.integer(120));
const options: BatchOptions = {
  batchSize: 8,
  accumulation: 2,
  sequenceLength: 128,
  packing: false,
  lengthBuckets: true,
  seed: 11,
};

function epochOf(planner: BatchPlanner): number[] {
  const seen: number[] = [];
  const steps = planner.stepsOf(planner.position.epoch);
  for (let i = 0; i < steps; i += 1) seen.push(...planner.next().flat());
  return seen;
}
const everyIndex = lengths.map((_, i) => i);
const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

describe('BatchPlanner', () => {
  for (const packing of [false, true]) {
    for (const lengthBuckets of [false, true]) {
      test(`an epoch holds every example once, another order each epoch (packing ${packing}, buckets ${lengthBuckets})`, () => {
        const planner = new BatchPlanner(lengths, { ...options, packing, lengthBuckets });
        const first = epochOf(planner);
        const second = epochOf(planner);
        expect(sorted(first)).toEqual(everyIndex);
        expect(sorted(second)).toEqual(everyIndex);
        expect(first).not.toEqual(second);
      });
    }
  }

  test('a planner made at a saved position goes on with exactly the same batches', () => {
    for (const packing of [false, true]) {
      const planner = new BatchPlanner(lengths, { ...options, packing });
      for (let step = 0; step < 17; step += 1) planner.next();
      const saved = JSON.parse(JSON.stringify(planner.position)) as typeof planner.position;
      const resumed = new BatchPlanner(lengths, { ...options, packing }, saved);
      for (let step = 0; step < 20; step += 1) expect(resumed.next()).toEqual(planner.next());
      expect(resumed.position).toEqual(planner.position);
    }
  });

  test('a step holds `accumulation` micro-batches of `batchSize` rows, only the last may be smaller', () => {
    const planner = new BatchPlanner(lengths, { ...options, lengthBuckets: false });
    expect(planner.stepsOf(0)).toBe(Math.ceil(Math.ceil(203 / 8) / 2));
    const sizes = Array.from({ length: planner.stepsOf(0) }, () => planner.next().map((batch) => batch.length));
    expect(sizes.flat().filter((size) => size !== 8)).toEqual([3]);
    for (const step of sizes.slice(0, -1)) expect(step).toHaveLength(2);
  });

  test('bucketed batches hold like lengths, and their order does not follow length', () => {
    const planner = new BatchPlanner(lengths, { ...options, accumulation: 1 });
    const spreads: number[] = [];
    const means: number[] = [];
    for (let i = 0; i < planner.stepsOf(0); i += 1) {
      const batch = planner
        .next()
        .flat()
        .map((index) => lengths[index] ?? 0);
      spreads.push(Math.max(...batch) - Math.min(...batch));
      means.push(batch.reduce((a, b) => a + b, 0) / batch.length);
    }
    expect(Math.max(...spreads)).toBeLessThan(25);
    expect(means).not.toEqual(sorted(means));
    expect(means).not.toEqual(sorted(means).reverse());
  });

  test('packed rows never exceed the sequence length and are well filled', () => {
    const planner = new BatchPlanner(lengths, { ...options, batchSize: 1, accumulation: 1, packing: true });
    const rows = planner.stepsOf(0);
    for (let i = 0; i < rows; i += 1) {
      const tokens = planner
        .next()
        .flat()
        .reduce((total, index) => total + (lengths[index] ?? 0), 0);
      expect(tokens).toBeLessThanOrEqual(128);
    }
    const total = lengths.reduce((a, b) => a + b, 0);
    expect(total / (rows * 128)).toBeGreaterThan(0.9);
  });

  test('steps in a part of an epoch are rounded up, and there is at least one', () => {
    const planner = new BatchPlanner(lengths, { ...options, lengthBuckets: false });
    const each = planner.stepsOf(0);
    expect([planner.stepsIn(1), planner.stepsIn(3), planner.stepsIn(0.5), planner.stepsIn(1e-6)]).toEqual([
      each,
      3 * each,
      Math.ceil(each / 2),
      1,
    ]);
  });

  test('a position outside the data is refused', () => {
    expect(() => new BatchPlanner(lengths, options, { epoch: 0, index: 1000 })).toThrow(/outside the data/);
    expect(() => new BatchPlanner(lengths, options, { epoch: -1, index: 0 })).toThrow(/outside the data/);
    expect(() => new BatchPlanner([], options)).toThrow(/no rows/);
  });
});

describe('assembleBatch', () => {
  const examples = [
    { row: 1, ids: Int32Array.of(10, 11, 12), loss: Uint8Array.of(0, 0, 1), truncated: 0 },
    { row: 2, ids: Int32Array.of(20, 21), loss: Uint8Array.of(0, 1), truncated: 0 },
  ];

  test('labels are shifted by one inside each example and never reach into the next', () => {
    const batch = assembleBatch(examples, [1, 0]);
    expect([...batch.tokens]).toEqual([20, 21, 10, 11, 12]);
    expect([...batch.positions]).toEqual([0, 1, 0, 1, 2]);
    expect([...batch.labels]).toEqual([21, -100, -100, 12, -100]);
    expect(batch.lengths).toEqual([2, 3]);
    expect(countLabels(batch)).toBe(2);
  });
});

describe('evaluationBatches', () => {
  test('every example once, within both limits, the same each time', () => {
    const batches = evaluationBatches(lengths, 8, 300);
    expect(sorted(batches.flat())).toEqual(everyIndex);
    for (const batch of batches) {
      expect(batch.length).toBeLessThanOrEqual(8);
      expect(batch.reduce((total, index) => total + (lengths[index] ?? 0), 0)).toBeLessThanOrEqual(300);
    }
    expect(evaluationBatches(lengths, 8, 300)).toEqual(batches);
  });

  test('an example longer than the limit gets a batch of its own', () => {
    expect(evaluationBatches([5, 500, 6], 8, 100)).toEqual([[0, 2], [1]]);
  });
});
