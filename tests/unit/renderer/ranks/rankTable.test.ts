import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MatrixSpectrum } from '../../../../src-main/contract/analysis.ts';
import type { RankRule } from '../../../../src-main/contract/rank.ts';
import { layerScale, writeLayer } from '../../../../src-renderer/features/ranks/rankLayers.ts';
import {
  positionOf,
  RankTable,
  thresholdAt,
  thresholdRange,
  tidyThreshold,
} from '../../../../src-renderer/state/rankTable.ts';

const rule: RankRule = { threshold: 0.5, measure: 'sum', granularity: 'matrix' };

function matrix(layer: number, module: string, values: readonly number[], shape: [number, number]): MatrixSpectrum {
  return {
    name: `model.layers.${String(layer)}.self_attn.${module}`,
    layer,
    module,
    shape,
    singularValues: Float32Array.from(values),
  };
}
const spectra = [
  matrix(0, 'q_proj', [4, 2, 1, 1], [4, 6]),
  matrix(0, 'v_proj', [1, 1, 1, 1], [4, 4]),
  matrix(1, 'q_proj', [8, 0, 0, 0], [4, 6]),
  matrix(1, 'v_proj', [0, 0, 0, 0], [4, 4]),
];
function filled(): RankTable {
  const table = new RankTable(spectra);
  spectra.forEach((spectrum) => table.add(spectrum));
  return table;
}

describe('ranks of a model', () => {
  test('are those worked out by hand, with the share they reach and what they cost', () => {
    const outcome = filled().apply(rule);
    expect([...outcome.ranks]).toEqual([1, 2, 1, 1]);
    expect([...outcome.parameters]).toEqual([11, 18, 11, 9]);
    expect(outcome.trainable).toBe(49);
    expect([...outcome.reached]).toEqual([0.5, 0.5, 1, 1]);
    expect([...outcome.shares]).toEqual([0.25, 0.5, 0.25, 0.25]);
  });
  test('energy counts large values more', () => {
    expect([...filled().apply({ ...rule, threshold: 0.9, measure: 'energy' }).ranks]).toEqual([2, 4, 1, 1]);
  });
  test('one rank for each layer is the mean rounded up, within the matrix', () => {
    expect([...filled().apply({ ...rule, granularity: 'layer' }).ranks]).toEqual([2, 2, 1, 1]);
  });
  test('matrices still to be analysed are unknown, not zero', () => {
    const table = new RankTable(spectra);
    const [first] = spectra;
    if (first) table.add(first);
    const outcome = table.apply(rule);
    expect(outcome.ranks[0]).toBe(1);
    expect(outcome.ranks[1]).toBeNaN();
    expect(outcome.trainable).toBe(11);
    expect(table.complete).toBe(false);
  });
  test('bounds override the rule and are marked only where they decide', () => {
    const outcome = filled().apply({ ...rule, floor: 2 });
    expect([...outcome.ranks]).toEqual([2, 2, 2, 2]);
    expect(outcome.bounded).toEqual([true, false, true, true]);
  });
  test('modules left out count nothing', () => {
    const outcome = filled().apply(rule, { modules: new Set(['q_proj']) });
    expect(outcome.trainable).toBe(22);
    expect(outcome.ranks[1]).toBeNaN();
    expect(filled().loraBudget(8, { modules: new Set(['q_proj']) })).toBe(160);
    expect(filled().loraRankFor(159, { modules: new Set(['q_proj']) })).toBe(7);
  });
  test('a spectrum of no target is left out, and one that comes twice counts once', () => {
    const table = filled();
    table.add(matrix(7, 'q_proj', [1], [1, 1]));
    spectra.forEach((spectrum) => table.add(spectrum));
    expect(table.known).toBe(4);
  });
  test('the threshold of a budget is the largest that keeps to it', () => {
    const table = filled();
    const threshold = table.thresholdFor(49, rule) ?? 0;
    expect(table.apply({ ...rule, threshold }).trainable).toBeLessThanOrEqual(49);
    expect(table.apply({ ...rule, threshold: threshold * 1.001 }).trainable).toBeGreaterThan(49);
    expect(table.thresholdFor(5, rule)).toBeUndefined();
    expect(table.thresholdFor(1000, rule)).toBeUndefined();
    expect(new RankTable(spectra).thresholdFor(49, rule)).toBeUndefined();
  });
});

test('LoRA r 8 on SmolLM2 has the published budget', () => {
  const { matrices } = JSON.parse(
    readFileSync(
      new URL('../../../golden/fixtures/more/real/ranks-SmolLM2-135M-Instruct.json', import.meta.url),
      'utf8',
    ),
  ) as { matrices: Record<string, { out: number; in: number }> };
  const table = new RankTable(
    Object.entries(matrices).map(([name, m]) => ({
      name,
      layer: Number(name.split('.')[2]),
      module: name,
      shape: [m.out, m.in],
    })),
  );
  expect(table.loraBudget(8)).toBe(2_442_240);
});

describe('the slider', () => {
  test('comes back to the threshold it shows', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (position) => {
        expect(positionOf(thresholdAt(position))).toBeCloseTo(position, 9);
        const tidy = tidyThreshold(thresholdAt(position));
        expect(tidy).toBeGreaterThanOrEqual(thresholdRange.minimum);
        expect(tidy).toBeLessThanOrEqual(1);
      }),
    );
  });
  test('a cut at a cell gives that cell its k, whatever the rounding of the shares', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: Math.fround(0.01), max: 100, noNaN: true }), { minLength: 2, maxLength: 64 }),
        fc.nat(63),
        (values, pick) => {
          const sorted = [...values].sort((a, b) => b - a);
          const table = new RankTable([matrix(0, 'q_proj', sorted, [64, 64])]);
          table.add(matrix(0, 'q_proj', sorted, [64, 64]));
          const k = 1 + (pick % sorted.length);
          const sums = table.cumulative(0, 'sum') ?? new Float64Array();
          const threshold = (sums[k - 1] ?? 0) / (sums[sums.length - 1] ?? 1);
          expect(table.apply({ ...rule, threshold }).ranks[0]).toBe(k);
        },
      ),
    );
  });
});

describe('colours of the map', () => {
  test('keep their meaning while m moves, except by quantile', () => {
    const targets = filled().targets;
    const few = layerScale(targets, 'k', 'log', Float64Array.of(1, 1, 1, 1));
    const many = layerScale(targets, 'k', 'log', Float64Array.of(4, 4, 4, 4));
    expect(few.position(2)).toBe(many.position(2));
    expect([few.minimum, few.maximum]).toEqual([1, 4]);
    expect(layerScale(targets, 'k', 'quantile', Float64Array.of(1, 2, 3, NaN)).position(2)).toBe(0.5);
  });
  test('cells write short numbers', () => {
    expect(writeLayer('k', 12)).toBe('12');
    expect(writeLayer('share', 0.034)).toBe('3.4%');
    expect(writeLayer('share', 0.34)).toBe('34%');
    expect(writeLayer('parameters', 12_300)).toBe('12.3k');
  });
});
