import { expect, test } from 'vitest';
import { rotaryFrequencies, RotaryTables } from '../../../src-main/decoder/rotaryTables.ts';
import { kernelsWithoutLeaks, valuesOf } from '../../support/tensorBackend.ts';

const kernels = kernelsWithoutLeaks();

test('frequencies fall from 1 by θ^(−2/d)', () => {
  const frequencies = rotaryFrequencies({ theta: 10_000, dimensions: 8, scaling: { type: 'none' } });
  expect([...frequencies]).toEqual([1, 0.1, 0.01, 0.001].map((value) => expect.closeTo(value, 12) as number));
});

test('linear scaling divides every frequency', () => {
  const frequencies = rotaryFrequencies({ theta: 10_000, dimensions: 4, scaling: { type: 'linear', factor: 4 } });
  expect([...frequencies]).toEqual([0.25, 0.0025].map((value) => expect.closeTo(value, 12) as number));
});

test('llama3 scaling leaves short waves, stretches long ones and blends in between', () => {
  const scaling = {
    type: 'llama3',
    factor: 8,
    lowFrequencyFactor: 1,
    highFrequencyFactor: 4,
    originalContext: 64,
  } as const;
  const plain = rotaryFrequencies({ theta: 500_000, dimensions: 16, scaling: { type: 'none' } });
  const scaled = rotaryFrequencies({ theta: 500_000, dimensions: 16, scaling });
  const ratios = [...scaled].map((value, i) => value / (plain[i] ?? NaN));
  expect(ratios[0], 'wavelength 6 of 64').toBe(1);
  expect(ratios[1], 'wavelength 32 of 64').toBeCloseTo(1 / 8 + (7 / 8) * ((64 / 32.4 - 1) / 3), 2);
  expect(ratios.slice(2).every((ratio) => Math.abs(ratio - 1 / 8) < 1e-12)).toBe(true);
});

test('a position beyond those seen so far gets its own angle', () => {
  // Bug: a table that is not grown, or that is grown without the old positions.
  const k = kernels();
  const tables = new RotaryTables(k, { theta: 10_000, dimensions: 2, scaling: { type: 'none' } });
  for (const position of [3, 1000, 3]) {
    const positions = k.uploadInts(Int32Array.of(position));
    const { cos, sin } = tables.rows(positions, position);
    expect(valuesOf(k, cos)[1]).toBeCloseTo(Math.cos(position), 6);
    expect([...valuesOf(k, sin)]).toEqual([
      expect.closeTo(-Math.sin(position), 6),
      expect.closeTo(Math.sin(position), 6),
    ]);
    k.free(positions);
  }
  tables.dispose();
});
