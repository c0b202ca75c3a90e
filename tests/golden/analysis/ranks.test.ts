/** Ranks of real models against the tables of the fixtures. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { analyse } from '../../../src-main/analysis/analyse.ts';
import type { Analysis } from '../../../src-main/contract/analysis.ts';
import { cumulativeSums, rankFor, ranksFor, saraParameters } from '../../../src-main/contract/rank.ts';
import { openModel } from '../../../src-main/models/open.ts';
import { openBackend } from '../../../src-main/tensor/backend.ts';
import { goldenPath, storiesFolder } from '../../support/goldenPath.ts';
import { smollm2Path } from '../../support/smollm2Path.ts';

interface RankTable {
  readonly thresholds: readonly number[];
  readonly sara_parameters: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly matrices: Readonly<
    Record<string, { out: number; in: number; s1: number; sum: number; k_sum: number[]; k_energy: number[] }>
  >;
}

const tableOf = (name: string): RankTable =>
  JSON.parse(readFileSync(goldenPath('more', 'real', `ranks-${name}.json`), 'utf8')) as RankTable;
const signal = new AbortController().signal;

let cache = '';
let smollm2 = '';
beforeAll(() => {
  // Asked for before the cache is moved: the model lies in the real one.
  smollm2 = smollm2Path();
  cache = mkdtempSync(path.join(os.tmpdir(), 'sara-cache-'));
  process.env['SARA_CACHE'] = cache;
});
afterAll(() => {
  rmSync(cache, { recursive: true });
});

async function analyseModel(modelPath: string): Promise<Analysis> {
  const model = await openModel(modelPath, signal);
  try {
    const kernels = async () => (await openBackend()).kernels;
    return await analyse({ model, targets: model.summary.targets, kernels, threads: 2 }, signal);
  } finally {
    await model.close();
  }
}

function compare(analysis: Analysis, table: RankTable): void {
  expect(new Set(analysis.matrices.map((matrix) => matrix.name))).toEqual(new Set(Object.keys(table.matrices)));
  for (const { name, shape, singularValues } of analysis.matrices) {
    const row = table.matrices[name];
    const cumulative = cumulativeSums(singularValues);
    expect([name, ...shape]).toEqual([name, row?.out, row?.in]);
    expect(singularValues).toHaveLength(Math.min(...shape));
    expect(Math.abs((singularValues[0] ?? 0) / (row?.s1 ?? 0) - 1)).toBeLessThan(1e-6);
    expect(Math.abs((cumulative.sum.at(-1) ?? 0) / (row?.sum ?? 0) - 1)).toBeLessThan(1e-6);
    // Even the few shares that lie within 1e-6 of a threshold come out equal: the values are good to 1e-7.
    expect(table.thresholds.map((threshold) => rankFor(cumulative.sum, threshold))).toEqual(row?.k_sum);
    expect(table.thresholds.map((threshold) => rankFor(cumulative.energy, threshold))).toEqual(row?.k_energy);
  }
  for (const threshold of table.thresholds) {
    for (const measure of ['sum', 'energy'] as const) {
      const matrices = analysis.matrices.map((matrix) => ({
        ...matrix,
        cumulative: cumulativeSums(matrix.singularValues),
      }));
      const ranks = ranksFor(matrices, { threshold, measure, granularity: 'matrix' });
      const total = matrices.reduce((sum, { shape }, i) => sum + saraParameters(shape, ranks[i] ?? NaN), 0);
      expect(total).toBe(table.sara_parameters[`k_${measure}`]?.[String(threshold)]);
    }
  }
}

describe('the rank of every matrix is that of the table at every threshold, by both measures', () => {
  test('stories260K', async () => {
    compare(await analyseModel(storiesFolder), tableOf('stories260K'));
  });

  test('SmolLM2-135M-Instruct, dequantised from GGUF', async () => {
    compare(await analyseModel(smollm2), tableOf('SmolLM2-135M-Instruct'));
  });
});
