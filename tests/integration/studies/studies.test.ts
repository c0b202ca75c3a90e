import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { studyFigure } from '../../../src-main/contract/figure/studyFigure.ts';
import { darkFigure } from '../../../src-main/contract/figure/theme.ts';
import { rankFor, cumulativeSums } from '../../../src-main/contract/rank.ts';
import type {
  OverviewResult,
  RelationResult,
  RobustnessResult,
  ScalingResult,
  SpectraResult,
  StudyResult,
  ThresholdResult,
} from '../../../src-main/contract/studies.ts';
import { comparisonFigure, comparisonTable } from '../../../src-main/contract/studyComparison.ts';
import { studyCsv, studyTable } from '../../../src-main/contract/studyTable.ts';
import { rasterise } from '../../../src-main/commands/rasterise.ts';
import { openResult } from '../../../src-main/studies/results.ts';
import { goldenPath } from '../../support/goldenPath.ts';
import { kernelsWithoutLeaks, noSignal } from '../../support/tensorBackend.ts';
import { makePlace, operations, runStudy, shortProbe, storiesModel, type Place } from './studyRuns.ts';

// Whatever a study is given up in: no tensor stays behind.
kernelsWithoutLeaks();

let place: Place;
beforeAll(async () => {
  place = await makePlace();
});
afterAll(async () => place.remove());

const gpt2 = goldenPath('gpt2', 'model');
const phi3 = goldenPath('more', 'phi3');
const unknownFamily = goldenPath('corrupt', 'models', 'config-unknown-family');

/** Every figure and table can be made of a result, and both tell of its numbers. */
function shown(result: StudyResult, ...expected: readonly string[]): void {
  for (const figure of [studyFigure(result), studyFigure(result, darkFigure)]) {
    expect(figure).not.toMatch(/NaN|undefined|Infinity/);
    for (const text of expected) expect(figure).toContain(text);
  }
  const { columns, rows } = studyTable(result);
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) expect(row).toHaveLength(columns.length);
  expect(studyCsv({ columns, rows }).split('\r\n')).toHaveLength(rows.length + 2);
}

async function spectraOf(model: string): Promise<Map<string, Float32Array>> {
  const context = { signal: noSignal, emit: () => undefined, takeControls: () => [] };
  const { matrices } = await operations['analysis.run']({ model, targets: 'all' }, context);
  return new Map(matrices.map(({ name, singularValues }) => [name, singularValues]));
}

test('overview: the spectrum, k and picture of the matrix that is named', async () => {
  const name = 'model.layers.1.mlp.up_proj';
  const study = {
    study: 'overview' as const,
    model: storiesModel,
    matrix: name,
    rule: { threshold: 0.5 },
    imageSize: 8,
  };
  const { matrix } = (await runStudy(place.store, study)).result as OverviewResult;
  const values = (await spectraOf(storiesModel)).get(name) ?? new Float32Array();
  expect(matrix.singularValues).toEqual([...values]);
  expect(matrix.rank).toBe(rankFor(cumulativeSums(values).sum, 0.5));
  expect(matrix.image.values).toHaveLength(matrix.image.rows * matrix.image.columns);
  shown((await runStudy(place.store, study)).result, name, `k = ${matrix.rank}`, 'share of the sum', 'm = 0.5');
});

describe('threshold', () => {
  it('gives ranks and parameters at once, and probes where it is asked to', async () => {
    const thresholds = [0.02, 0.1, 0.4];
    const plain = { study: 'threshold' as const, model: storiesModel, thresholds };
    const { result } = await runStudy(place.store, plain);
    const { rows } = result as ThresholdResult;
    expect(rows.map(({ meanRank }) => meanRank)).toEqual(
      rows.map(({ meanRank }) => meanRank).toSorted((a, b) => a - b),
    );
    expect(rows.every(({ cells }) => cells.length === 0)).toBe(true);
    shown(result, 'trainable', 'threshold m');
    const probed = await runStudy(place.store, {
      ...plain,
      probe: shortProbe(place.data),
      probeThresholds: [0.1, 0.4],
      learningRates: [3e-3],
      seeds: [0, 1],
    });
    const cells = (probed.result as ThresholdResult).rows.map((row) => row.cells);
    expect(cells.map((own) => own.map(({ probes }) => probes.length))).toEqual([[], [2], [2]]);
    expect(cells[1]?.[0]?.probes[0]?.trainable).toBe(rows[1]?.trainable);
    expect(cells[2]?.[0]?.mean).toBeLessThan(cells[2]?.[0]?.probes[0]?.baseLoss ?? 0);
    shown(probed.result, 'Held-out loss', '5 steps of 4 rows', 'nats per token');
  });
});

describe('relation', () => {
  it('adapts one layer at a time and correlates gain with k', async () => {
    const { result, events } = await runStudy(place.store, {
      study: 'relation',
      model: storiesModel,
      method: { name: 'sara', threshold: 0.2 },
      probe: shortProbe(place.data),
    });
    const { rows, correlations } = result as RelationResult;
    expect(rows.map(({ layer }) => layer)).toEqual([0, 1, 2, 3, 4]);
    for (const { gain, trainable, cell } of rows) {
      expect(gain).toBeGreaterThan(0);
      expect(cell.probes[0]?.trainable).toBe(trainable);
    }
    const { value = NaN, low = NaN, high = NaN } = correlations?.spearman ?? {};
    expect(value).toBeGreaterThanOrEqual(low);
    expect(value).toBeLessThanOrEqual(high);
    expect(events.filter((event) => event.event === 'partial')).toHaveLength(5);
    shown(result, 'Spearman', 'gain of held-out loss');
  });
});

describe('heads, merged, QVmerged', () => {
  const spectraRows = async (study: 'heads' | 'merged' | 'QVmerged', model: string) => {
    const { result } = await runStudy(place.store, { study, model, rule: { threshold: 0.5 } });
    shown(result, 'k', 'share reached');
    return (result as SpectraResult).rows;
  };
  const energy = (values: readonly number[]): number => values.reduce((sum, s) => sum + s * s, 0);

  // The squares of a matrix's singular values add up to ‖W‖², and so do those of all its slices.
  it.each([
    ['a family with grouped heads', storiesModel],
    ['a fused family', phi3],
    ['a fused family whose weights are stored the other way round', gpt2],
  ])('heads of %s make up the whole matrices, and these [W_q; W_v]', async (_, model) => {
    const heads = await spectraRows('heads', model);
    const merged = await spectraRows('merged', model);
    const stacked = await spectraRows('QVmerged', model);
    for (const { layer, part, singularValues } of merged) {
      const own = heads.filter((row) => row.layer === layer && row.part === part);
      expect(own.length).toBeGreaterThan(1);
      expect(own.reduce((sum, row) => sum + energy(row.singularValues), 0)).toBeCloseTo(energy(singularValues), 2);
    }
    for (const { layer, singularValues } of stacked) {
      const own = merged.filter((row) => row.layer === layer && (row.part === 'q' || row.part === 'v'));
      expect(own.reduce((sum, row) => sum + energy(row.singularValues), 0)).toBeCloseTo(energy(singularValues), 2);
    }
  });

  it('of separate projections are the spectra of the analysis', async () => {
    const analysed = await spectraOf(storiesModel);
    for (const { matrix, singularValues } of await spectraRows('merged', storiesModel)) {
      const expected = analysed.get(matrix) ?? new Float32Array();
      expect(singularValues).toHaveLength(expected.length);
      singularValues.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 4));
    }
  });

  it('work for a family that cannot be trained, whose probes are refused by name', async () => {
    expect((await spectraRows('heads', unknownFamily)).length).toBeGreaterThan(0);
    const relation = { study: 'relation' as const, model: unknownFamily, probe: shortProbe(place.data) };
    await expect(runStudy(place.store, relation)).rejects.toThrow(/"starfish" is not supported.*llama.*gpt2/);
  });
});

test('robustness: both methods have one budget, and the same rows are held out for every seed', async () => {
  const { result } = await runStudy(place.store, {
    study: 'robustness',
    model: storiesModel,
    method: { name: 'sara', threshold: 0.2 },
    probe: shortProbe(place.data),
    learningRates: [3e-3],
    seeds: [0, 5],
    fractions: [0.5, 1],
  });
  const { groups, spreads } = result as RobustnessResult;
  const probes = groups.flatMap(({ cells }) => cells.flatMap((cell) => cell.probes));
  expect(new Set(probes.map(({ baseLoss }) => baseLoss)).size).toBe(1);
  const [sara, lora] = [groups[0], groups[2]].map((group) => group?.cells[0]?.probes[0]?.trainable ?? 0);
  expect(lora).toBeLessThanOrEqual(sara ?? 0);
  expect(lora).toBeGreaterThan(0.7 * (sara ?? 0));
  const [half, all] = groups.map((group) => group.cells[0]?.probes[0]?.trainRows ?? 0);
  expect(half).toBe(Math.round((all ?? 0) / 2));
  expect(spreads.every(({ best }) => best?.deviation !== undefined)).toBe(true);
  shown(result, '50 % of the rows', 'LoRA at equal budget', 'learning rate');
});

test('scaling: models by size, with their ranks', async () => {
  const { result } = await runStudy(place.store, { study: 'scaling', models: [storiesModel, unknownFamily, gpt2] });
  const { rows } = result as ScalingResult;
  expect(rows.map(({ model }) => model.family)).toEqual(['starfish', 'gpt2', 'llama']);
  for (const { ranks } of rows) {
    const means = ranks.map(({ meanRank }) => meanRank);
    expect(means).toEqual(means.toSorted((a, b) => a - b));
  }
  shown(result, 'parameters of the model', 'm = 0.25');
});

describe('results', () => {
  it('are kept, listed and compared', async () => {
    const store = path.join(place.folder, 'kept');
    const study = (threshold: number) => ({ study: 'merged' as const, model: storiesModel, rule: { threshold } });
    const { result: first } = await runStudy(store, study(0.25));
    const { result: second } = await runStudy(store, study(0.75));
    await writeFile(path.join(store, 'other.json'), '{"version": 7}');
    const context = { signal: noSignal, emit: () => undefined, takeControls: () => [] };
    const listed = await operations['study.list']({ store }, context);
    expect(listed.map((entry) => entry.path).toSorted()).toEqual([first.file, second.file].toSorted());
    expect(await openResult(first.file ?? '')).toEqual(first);
    await expect(openResult(path.join(store, 'other.json'))).rejects.toMatchObject({ code: 'DATA_INVALID' });

    const { columns, rows } = comparisonTable(first, second);
    expect(columns.slice(0, 5)).toEqual(['layer', 'part', 'k (1)', 'k (2)', 'k, 2 − 1']);
    expect(rows).toHaveLength(20);
    for (const row of rows) expect(row[4]).toBe(Number(row[3]) - Number(row[2]));
    const figure = comparisonFigure(first, second);
    expect(figure).toContain('m = 0.25');
    expect(figure).toContain('m = 0.75');
  });

  // Bug: a picture without its text, where the computer has no fonts.
  it('become PNG with text', async () => {
    const { result } = await runStudy(place.store, { study: 'threshold', model: storiesModel });
    const figure = studyFigure(result);
    const picture = await rasterise(figure);
    const blank = await rasterise(figure.replaceAll(/>[^<>]+<\/text>/g, '></text>'));
    expect([...picture.subarray(1, 4)]).toEqual([...Buffer.from('PNG')]);
    expect(picture.length).toBeGreaterThan(1.3 * blank.length);
  });
});
