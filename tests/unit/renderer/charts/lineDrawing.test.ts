import { describe, expect, it } from 'vitest';
import { freePlace } from '../../../../src-renderer/charts/labelPlace.ts';
import { lineDrawing } from '../../../../src-renderer/charts/lineDrawing.ts';

const area = { left: 0, right: 400, top: 0, bottom: 200 };
const size = { width: 80, height: 20 };

describe('freePlace', () => {
  it('puts a label above its point where nothing is in the way', () => {
    expect(freePlace([200, 100], size, area, [])).toEqual({ dx: 0, dy: -20 });
  });

  // Bug: the label of the best loss covered the training curve that ran just above it.
  it('goes below a curve that runs above the point, and inside the area at its edges', () => {
    const above = [
      [0, 82],
      [400, 82],
    ] as const;
    expect(freePlace([200, 100], size, area, [above])).toEqual({ dx: 0, dy: 20 });
    expect(freePlace([395, 190], size, area, [above])).toEqual({ dx: -35, dy: -20 });
  });

  it('goes further away from curves on both sides', () => {
    const curves = [
      [
        [0, 85],
        [400, 85],
      ],
      [
        [0, 115],
        [400, 115],
      ],
    ] as const;
    const { dy } = freePlace([200, 100], size, area, curves);
    expect(Math.abs(dy)).toBeGreaterThan(25);
  });
});

describe('lineDrawing', () => {
  const options = {
    ...{ width: 400, height: 240, xLabel: 'step', logY: false, range: { min: 0, max: 10 } },
    write: (value: number) => value.toFixed(1),
    flags: [{ x: 4, y: 1, text: 'best 1.0' }],
  };
  const points = Array.from({ length: 20 }, (_, i) => ({ x: i, y: 3 - i / 10 }));

  it('draws what is in the range alone, with names, axis and flags as text', () => {
    const { shapes } = lineDrawing([{ label: 'training', colour: 0, points }], options);
    const texts = shapes.flatMap((shape) => (shape.kind === 'text' ? [shape.text] : []));
    expect(texts).toEqual(expect.arrayContaining(['training', 'step', 'best 1.0', '10']));
    const curve = shapes.find((shape) => shape.kind === 'path' && shape.stroke === 0 && shape.d.includes('L'));
    expect(curve?.kind === 'path' ? curve.d.split('L').length : 0).toBe(11);
  });

  it('leaves out what a log scale cannot show', () => {
    const lines = [{ label: 'rate', colour: 0, points: [...points.slice(0, 3), { x: 4, y: 0 }] }];
    const { shapes } = lineDrawing(lines, { ...options, logY: true, flags: [] });
    expect(JSON.stringify(shapes)).not.toContain('NaN');
    expect(JSON.stringify(shapes)).not.toContain('Infinity');
  });
});
