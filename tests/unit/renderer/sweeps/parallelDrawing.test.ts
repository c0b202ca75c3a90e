import { expect, test } from 'vitest';
import { colourRamp } from '../../../../src-renderer/charts/colourRamp.ts';
import { parallelDrawing } from '../../../../src-renderer/features/sweeps/parallelDrawing.ts';

const ramp = colourRamp('viridis', 'light');
const picture = {
  axes: [
    { label: 'learningRate', ticks: [{ at: 0, text: '0.001' }] },
    { label: 'best loss', ticks: [{ at: 1, text: '1.2' }] },
  ],
  lines: [
    { trial: 1, places: [0, 0], goodness: 0, stopped: true },
    { trial: 0, places: [0, 1], goodness: 1, stopped: false },
  ],
};

// Would catch: a saved picture whose lines do not end where its axes say.
test('lines go from axis to axis, the best thickest and the stopped ones faint', () => {
  const { shapes } = parallelDrawing(picture, ramp, 400, 300);
  const paths = shapes.flatMap((shape) => (shape.kind === 'path' ? [shape] : []));
  expect(paths.map(({ d, width, opacity }) => [d, width, opacity])).toEqual([
    ['M64,282L336,282', 1.2, 0.35],
    ['M64,282L336,34', 2.5, 0.85],
    ['M64,282V34', undefined, undefined],
    ['M336,282V34', undefined, undefined],
  ]);
  const texts = shapes.flatMap((shape) => (shape.kind === 'text' ? [[shape.text, shape.anchor]] : []));
  expect(texts).toEqual([
    ['learningRate', 'middle'],
    ['0.001', 'end'],
    ['best loss', 'middle'],
    ['1.2', 'start'],
  ]);
});
