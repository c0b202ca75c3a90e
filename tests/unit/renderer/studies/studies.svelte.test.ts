import { describe, expect, test } from 'vitest';
import { studySchema } from '../../../../src-main/contract/studies.schema.ts';
import { studyTitles, type StudyName, type StudyResult } from '../../../../src-main/contract/studies.ts';
import { galleryOrder } from '../../../../src-renderer/features/studies/galleryOrder.ts';
import { overviewDrawing } from '../../../../src-renderer/features/studies/overviewDrawing.ts';
import { spectraGrid } from '../../../../src-renderer/features/studies/spectraGrid.ts';
import { onSameAxes, plotsOf } from '../../../../src-renderer/features/studies/studyPlots.ts';
import { colourRamp } from '../../../../src-renderer/charts/colourRamp.ts';
import { layOutPlot } from '../../../../src-renderer/charts/plot.ts';
import { defaultSara } from '../../../../src-renderer/state/analysis.svelte.ts';
import { firstDraft, needsData, sizeOf, studyOf, type StudyGround } from '../../../../src-renderer/state/studyDraft.ts';
import { keptStudies, keptStudy, studyPlan } from '../../../renderer/fakeStudies.ts';
import { dataset } from '../../../renderer/fakeContents.ts';

const names = Object.keys(studyTitles) as StudyName[];
const ground: StudyGround = {
  model: '/m',
  data: { path: dataset.path, validationShare: 0.1, template: 'chat', completionOnly: true, skipBadRows: false },
  config: undefined,
  sara: defaultSara,
  methods: [{ label: 'SARA', method: defaultSara }],
};

function resultOf(name: StudyName): StudyResult {
  return studyPlan(studySchema.parse(studyOf(name, { ...firstDraft, probe: true }, ground))).result;
}

describe('the form of a study', () => {
  test('every study of the engine is in the gallery', () => {
    expect([...galleryOrder].sort()).toEqual([...names].sort());
  });
  test.each(names)('%s asks what the engine takes', (name) => {
    const study = studyOf(name, { ...firstDraft, probe: true }, ground);
    expect(studySchema.parse(study)).toEqual(study);
  });
  test.each(names)('%s without data is asked only where it needs none', (name) => {
    const study = studyOf(name, { ...firstDraft, probe: true }, { ...ground, data: undefined });
    expect(study === undefined).toBe(needsData(name, { ...firstDraft, probe: true }));
  });
  test('the number of probes is what the settings multiply to', () => {
    const size = (name: StudyName) => {
      const study = studyOf(name, { ...firstDraft, probe: true }, ground);
      return study && sizeOf(study, 30, 210).probes;
    };
    expect(size('threshold')).toBe(6 * 3 * 3);
    expect(size('relation')).toBe(30 * 3);
    expect(size('robustness')).toBe(2 * 2 * 3 * 3);
    expect(size('ablation')).toBe(9);
    expect(size('heads')).toBe(0);
  });
});

describe('the pictures of a study', () => {
  test.each(names)('%s: every plot has named axes, a table of its values and points that can be drawn', (name) => {
    for (const plot of plotsOf(resultOf(name))) {
      expect(plot.spec.x.label).not.toBe('');
      expect(plot.spec.y.label).not.toBe('');
      const { rows, columns } = plot.table();
      expect(rows.length).toBeGreaterThan(0);
      for (const row of rows) expect(row).toHaveLength(columns.length);
      expect(layOutPlot(plot.spec, 600, 300).points.length).toBeGreaterThan(0);
    }
  });
  // Would catch: two results that look alike because each has axes of its own.
  test('two results side by side have the same axes', () => {
    const [first, second] = keptStudies().map(({ path }) => plotsOf(keptStudy(path)));
    if (first === undefined || second === undefined) throw new Error('two results are kept');
    const ticks = (plots: typeof first) =>
      plots.map(({ spec }) =>
        layOutPlot(spec, 600, 300).drawing.shapes.flatMap((s) => (s.kind === 'text' ? s.text : [])),
      );
    expect(ticks(onSameAxes(first, second))).toEqual(ticks(onSameAxes(second, first)));
  });
  test('the overview keeps the proportions of every part', () => {
    const result = resultOf('overview');
    if (result.study !== 'overview') throw new Error(result.study);
    const { shapes } = overviewDrawing(result, colourRamp('cividis', 'light'), 800, 300);
    const boxes = shapes.flatMap((shape) => (shape.kind === 'rect' && shape.stroke === 'strong' ? [shape] : []));
    const [w0, b, lambda, a] = boxes;
    if (!w0 || !b || !lambda || !a) throw new Error('four boxes');
    const [rows, columns] = result.matrix.shape;
    const scale = w0.w / columns;
    expect(w0.h / rows).toBeCloseTo(scale, 6);
    expect([b.w, b.h, a.w, a.h]).toEqual(
      [result.matrix.rank, rows, columns, result.matrix.rank].map((side) => expect.closeTo(side * scale, 6) as number),
    );
    for (const box of boxes) expect(box.x + box.w).toBeLessThanOrEqual(800);
  });
});

describe('the map of spectra', () => {
  const heads = resultOf('heads');
  const rows = heads.study === 'heads' ? heads.rows : [];
  test('shows each head of a part once, in the order of the model', () => {
    const { grid, values } = spectraGrid(rows, 'rank', 'place', 'q');
    expect(grid.columns.map(({ label }) => label)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8']);
    expect(grid.layers).toEqual(Array.from({ length: 30 }, (_, i) => i));
    expect(values).toHaveLength(270);
    expect(new Set(grid.cells).size).toBe(270);
  });
  test('sorted by value, layers and columns come from the largest mean to the least', () => {
    const { grid, values } = spectraGrid(rows, 'effective', 'value', 'k');
    const means = grid.layers.map((_, row) => {
      const cells = grid.columns.map(
        (__, column) => values[grid.cells[row * grid.columns.length + column] ?? -1] ?? NaN,
      );
      return cells.reduce((sum, value) => sum + value, 0) / cells.length;
    });
    expect(means).toEqual(means.toSorted((a, b) => b - a));
  });
});
