import { describe, expect, test } from 'vitest';
import { Rng } from '../../../src-main/util/rng.ts';

describe('Rng', () => {
  test('the generator is xoshiro128** (first words from state 1,2,3,4)', () => {
    // 11520, 0, 5927040, 70819200 are the published generator's first outputs for this state.
    const rng = Rng.fromState([1, 2, 3, 4]);
    const words = [11520, 0, 5927040, 70819200];
    const join = (high: number, low: number): number => ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53;
    expect(rng.next()).toBe(join(words[0] ?? NaN, words[1] ?? NaN));
    expect(rng.next()).toBe(join(words[2] ?? NaN, words[3] ?? NaN));
  });

  test('a restored state draws what the original goes on to draw', () => {
    const rng = new Rng(42);
    for (let i = 0; i < 17; i += 1) rng.normal();
    const restored = Rng.fromState(JSON.parse(JSON.stringify(rng.state())) as number[]);
    expect([restored.next(), restored.normal(), restored.integer(1000)]).toEqual([
      rng.next(),
      rng.normal(),
      rng.integer(1000),
    ]);
  });

  test('seeds that differ only above 32 bits or by sign give different numbers', () => {
    const first = [0, 1, -1, 2 ** 32, 2 ** 33, 2 ** 32 + 1].map((seed) => new Rng(seed).next());
    expect(new Set(first).size).toBe(first.length);
  });

  test('numbers are uniform and normal to within sampling error', () => {
    const rng = new Rng(7);
    const n = 20_000;
    let mean = 0;
    let normalMean = 0;
    let normalSquare = 0;
    const counts = [0, 0, 0];
    for (let i = 0; i < n; i += 1) {
      mean += rng.next() / n;
      const z = rng.normal();
      normalMean += z / n;
      normalSquare += (z * z) / n;
      const j = rng.integer(3);
      counts[j] = (counts[j] ?? 0) + 1;
    }
    expect(mean).toBeCloseTo(0.5, 1);
    expect(Math.abs(normalMean)).toBeLessThan(0.03);
    expect(Math.abs(normalSquare - 1)).toBeLessThan(0.05);
    for (const count of counts) expect(Math.abs(count - n / 3)).toBeLessThan(300);
  });

  test('shuffle keeps every element and reaches every order', () => {
    const seen = new Set<string>();
    const rng = new Rng(1);
    for (let i = 0; i < 200; i += 1) seen.add(rng.shuffle([1, 2, 3]).join(''));
    expect([...seen].sort()).toEqual(['123', '132', '213', '231', '312', '321']);
  });

  test('forks depend on the label and the state, and leave the parent alone', () => {
    const parent = new Rng(5);
    const before = parent.state();
    const a = parent.fork('dropout').next();
    const b = parent.fork('order').next();
    expect(parent.state()).toEqual(before);
    expect(a).not.toBe(b);
    expect(new Rng(5).fork('dropout').next()).toBe(a);
    expect(new Rng(6).fork('dropout').next()).not.toBe(a);
  });

  test('a state that is not one is refused', () => {
    for (const state of [[], [1, 2, 3], [0, 0, 0, 0], [1, 2, 3, -1], [1, 2, 3, 2 ** 32], [1, 2, 3, 0.5]]) {
      expect(() => Rng.fromState(state)).toThrow(RangeError);
    }
    expect(() => new Rng(0).integer(0)).toThrow(RangeError);
  });
});
