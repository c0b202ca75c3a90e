import { describe, expect, test } from 'vitest';
import { axisOver } from '../../../../src-renderer/charts/axis.ts';
import type { ChartColours } from '../../../../src-renderer/charts/chartColours.ts';
import { drawingToSvg } from '../../../../src-renderer/charts/drawing.ts';
import { layOutPlot, nearestPoint, type PlotSpec } from '../../../../src-renderer/charts/plot.ts';

describe('an axis', () => {
  test('has round ticks and holds every value', () => {
    const axis = axisOver([0.13, 0.87], { ticks: 6 });
    expect(axis.ticks).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(axis.position(0)).toBe(0);
    expect(axis.position(1)).toBe(1);
  });
  test('of logarithms has as many ticks as there is room for, all inside', () => {
    for (const room of [2, 4, 10, 30]) {
      const axis = axisOver([0.01, 0.5], { log: true, ticks: room });
      expect(axis.ticks.length).toBeGreaterThan(0);
      expect(axis.ticks.every((tick) => axis.position(tick) >= 0 && axis.position(tick) <= 1)).toBe(true);
      if (room >= 4) expect(axis.ticks.length).toBeLessThanOrEqual(room);
    }
  });
  test('over one value, over none and over what is not finite is still an axis', () => {
    for (const values of [[5], [], [NaN, Infinity], [0], [-3]]) {
      for (const log of [false, true]) {
        const axis = axisOver(values, { log, ticks: 5 });
        expect(Number.isFinite(axis.position(axis.minimum))).toBe(true);
        expect(axis.maximum).toBeGreaterThan(axis.minimum);
      }
    }
  });
  test('of whole numbers has no ticks between them', () => {
    expect(axisOver([0, 2], { ticks: 12, integers: true }).ticks).toEqual([0, 1, 2]);
  });
});

const write = (value: number): string => String(value);
const spec: PlotSpec = {
  x: { label: 'k', write },
  y: { label: 'gain <nats>', write },
  series: [
    {
      key: 'a',
      label: 'A',
      colour: 0,
      points: [
        { x: 1, y: 2, low: 1, high: 3, name: 'one' },
        { x: 3, y: 4, name: 'two' },
        { x: 2, y: NaN, name: 'lost' },
      ],
    },
  ],
};

describe('a plot', () => {
  test('places every finite point inside its frame, from left to right', () => {
    const { points } = layOutPlot(spec, 400, 300);
    expect(points.map(({ point }) => point.name)).toEqual(['one', 'two']);
    for (const { left, top } of points) {
      expect(left).toBeGreaterThanOrEqual(60);
      expect(left).toBeLessThanOrEqual(400);
      expect(top).toBeGreaterThanOrEqual(0);
      expect(top).toBeLessThanOrEqual(260);
    }
    expect(points[0]?.top).toBeGreaterThan(points[1]?.top ?? 0);
  });
  test('finds the point nearest to the pointer, and none where there are none', () => {
    const { points } = layOutPlot(spec, 400, 300);
    expect(nearestPoint(points, points[1]?.left ?? 0, 0)).toBe(1);
    expect(nearestPoint([], 5, 5)).toBe(-1);
  });
  // Would catch: names with < or & that make the saved file unreadable.
  test('is a well-formed SVG file with axis labels', () => {
    const colours = {
      surface: '#fff',
      text: '#000',
      weakText: '#333',
      line: '#ccc',
      strongLine: '#888',
      accent: '#00f',
    };
    const all = {
      ...colours,
      ground: 'light',
      danger: '',
      warning: '',
      success: '',
      series: ['#111'],
    } satisfies ChartColours;
    const svg = drawingToSvg(layOutPlot(spec, 400, 300).drawing, 'Gain & k', all);
    expect(svg).toContain('gain &lt;nats&gt;');
    expect(svg).toContain('Gain &amp; k');
    expect(svg.match(/<circle/g)).toHaveLength(2);
    expect(svg).not.toMatch(/NaN|undefined/);
  });
});
