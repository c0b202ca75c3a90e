import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decimatedIndices } from '../../../../src-renderer/charts/decimate.ts';
import { histogram, logarithmicEdges } from '../../../../src-renderer/charts/histogram.ts';
import { Series } from '../../../../src-renderer/charts/series.ts';
import { smoothed } from '../../../../src-renderer/charts/smooth.ts';
import { tableToCsv, tableToText } from '../../../../src-renderer/charts/csv.ts';

describe('decimation', () => {
  test('keeps short series whole', () => {
    expect(decimatedIndices([3, 1, 2], 3)).toEqual([0, 1, 2]);
  });
  test('keeps the ends, every peak and the order, within the limit', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 60, maxLength: 900 }),
        (values) => {
          const kept = decimatedIndices(values, values.length, 50);
          expect(kept.length).toBeLessThanOrEqual(50);
          expect(kept[0]).toBe(0);
          expect(kept[kept.length - 1]).toBe(values.length - 1);
          for (let i = 1; i < kept.length; i++) expect(kept[i] ?? 0).toBeGreaterThan(kept[i - 1] ?? 0);
          const drawn = kept.map((i) => values[i] ?? 0);
          expect(Math.max(...drawn)).toBe(Math.max(...values));
          expect(Math.min(...drawn)).toBe(Math.min(...values));
        },
      ),
    );
  });
  test('a point that is not finite stays visible as a gap', () => {
    const values = Float64Array.from({ length: 5000 }, (_, i) => i);
    values[2500] = NaN;
    expect(decimatedIndices(values, values.length)).toContain(2500);
  });
});

describe('smoothing', () => {
  test('without weight gives the values themselves', () => {
    expect([...smoothed([3, 1, 2], 3, 0)]).toEqual([3, 1, 2]);
  });
  test('a constant stays what it is from the first point on (no pull to zero)', () => {
    for (const y of smoothed([2.5, 2.5, 2.5], 3, 0.9)) expect(y).toBeCloseTo(2.5, 12);
  });
  test('gives the weighted mean worked out by hand', () => {
    const y = smoothed([4, 2], 2, 0.5);
    expect(y[1]).toBeCloseTo((0.25 * 4 + 0.5 * 2) / 0.75, 12);
  });
  test('a NaN is a gap and does not poison what follows', () => {
    const y = smoothed([1, NaN, 1], 3, 0.5);
    expect(y[1]).toBeNaN();
    expect(y[2]).toBeCloseTo(1, 12);
  });
});

describe('histogram', () => {
  test('counts every value once, the largest too', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 600 }), { minLength: 1, maxLength: 200 }), (values) => {
        const edges = logarithmicEdges(Math.max(...values), 16);
        const result = histogram(values, edges);
        expect(result.counts.reduce((a, b) => a + b, 0)).toBe(values.length);
      }),
    );
  });
  test('edges are whole, ascending and none appears twice', () => {
    const edges = logarithmicEdges(20, 24);
    expect(edges[0]).toBe(1);
    for (let i = 1; i < edges.length; i++) expect(edges[i] ?? 0).toBeGreaterThan(edges[i - 1] ?? 0);
    expect(edges.every(Number.isInteger)).toBe(true);
  });
  test('a value on an edge belongs to the bin above', () => {
    expect(histogram([1, 2, 2, 4], [1, 2, 4]).counts).toEqual([1, 3]);
  });
});

describe('series', () => {
  test('grows beyond its first capacity without losing points', () => {
    const series = new Series();
    for (let i = 1; i <= 1000; i++) series.push(i, i * i);
    expect(series.length).toBe(1000);
    expect(series.x[999]).toBe(1000);
    expect(series.y[500]).toBe(501 * 501);
  });
  test('a resumed run overwrites the steps it repeats', () => {
    const series = new Series();
    for (const step of [1, 2, 3, 4]) series.push(step, step);
    series.push(3, 30);
    expect([...series.x]).toEqual([1, 2, 3]);
    expect([...series.y]).toEqual([1, 2, 30]);
  });
  test('finds the nearest point', () => {
    const series = new Series();
    for (const step of [1, 5, 10]) series.push(step, 0);
    expect([series.nearest(-4), series.nearest(6), series.nearest(8), series.nearest(99)]).toEqual([0, 1, 2, 2]);
    expect(new Series().nearest(3)).toBe(-1);
  });
});

describe('tables', () => {
  const table = {
    columns: ['step', 'text'],
    rows: [
      [1, 'a "b", c'],
      [2, undefined],
    ],
  };
  test('quotes what CSV must quote', () => {
    expect(tableToCsv(table)).toBe('step,text\r\n1,"a ""b"", c"\r\n2,\r\n');
  });
  test('copies as tab-separated text', () => {
    expect(tableToText(table)).toBe('step\ttext\n1\ta "b", c\n2\t');
  });
});
