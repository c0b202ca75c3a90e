import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { analyse, cachedSpectra } from '../../../src-main/analysis/analyse.ts';
import type { Analysis, AnalysisEvent, MatrixSpectrum } from '../../../src-main/contract/analysis.ts';
import { cumulativeSums, rankFor } from '../../../src-main/contract/rank.ts';
import { openModel } from '../../../src-main/models/open.ts';
import type { OpenedModel } from '../../../src-main/models/types.ts';
import { openBackend } from '../../../src-main/tensor/backend.ts';

const fixtures = path.join(import.meta.dirname, '..', '..', 'golden', 'fixtures');
const never = new AbortController().signal;

let cache = '';
beforeEach(() => {
  cache = mkdtempSync(path.join(os.tmpdir(), 'sara-cache-'));
  process.env['SARA_CACHE'] = cache;
});
afterEach(() => {
  rmSync(cache, { recursive: true });
});

interface Result {
  readonly analysis: Analysis;
  readonly events: readonly AnalysisEvent[];
  /** Whether anything had to be computed. */
  readonly computed: boolean;
}

async function run(
  modelPath: string,
  choose: (model: OpenedModel) => OpenedModel['summary']['targets'] = (model) => model.summary.targets,
  signal = never,
  onMatrix: (event: AnalysisEvent) => void = () => undefined,
): Promise<Result> {
  const model = await openModel(path.join(fixtures, modelPath), never);
  const events: AnalysisEvent[] = [];
  let computed = false;
  try {
    const analysis = await analyse(
      {
        model,
        targets: choose(model),
        threads: 2,
        kernels: async () => {
          computed = true;
          return (await openBackend()).kernels;
        },
        onMatrix: (event) => {
          events.push(event);
          onMatrix(event);
        },
      },
      signal,
    );
    return { analysis, events, computed };
  } finally {
    await model.close();
  }
}

const spectraFile = (): string => {
  const folder = path.join(cache, 'spectra');
  return path.join(folder, readdirSync(folder)[0] ?? '');
};
const byName = (analysis: Analysis): Map<string, MatrixSpectrum> =>
  new Map(analysis.matrices.map((matrix) => [matrix.name, matrix]));

describe('ranks against PyTorch', () => {
  interface Oracle {
    readonly modules: Readonly<
      Record<string, { k: number; k_sum: Record<string, number>; k_energy: Record<string, number> }>
    >;
  }
  // GPT-2 stores [in, out]: its shapes must come out as [d_out, d_in] and its ranks the same.
  for (const family of ['llama', 'gpt2', 'qwen2']) {
    test(`${family}: every matrix at every threshold, by both measures`, async () => {
      const { modules } = JSON.parse(readFileSync(path.join(fixtures, family, 'oracle.json'), 'utf8')) as Oracle;
      const matrices = byName((await run(`${family}/model`)).analysis);
      expect(Object.keys(modules).length).toBeGreaterThan(0);
      for (const [name, oracle] of Object.entries(modules)) {
        const { sum, energy } = cumulativeSums(matrices.get(name)?.singularValues ?? []);
        for (const [m, k] of Object.entries(oracle.k_sum)) expect(rankFor(sum, Number(m))).toBe(k);
        for (const [m, k] of Object.entries(oracle.k_energy)) expect(rankFor(energy, Number(m))).toBe(k);
      }
    });
  }
});

describe('the cache', () => {
  test('a second analysis computes nothing and gives the same bits, in the order of the targets', async () => {
    const first = await run('llama/model');
    expect([first.computed, first.analysis.cached]).toEqual([true, false]);
    const again = await run('llama/model');
    expect([again.computed, again.analysis.cached]).toEqual([false, true]);
    expect(again.analysis.matrices).toEqual(first.analysis.matrices);
    expect(again.events.map((event) => event.done)).toEqual(first.events.map((_, i) => i + 1));
  });

  test('an analysis that was cancelled keeps what it had and goes on from there', async () => {
    const controller = new AbortController();
    const stopAfterTwo = (event: AnalysisEvent): void => {
      if (event.done === 2) controller.abort();
    };
    await expect(run('llama/model', undefined, controller.signal, stopAfterTwo)).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    const model = await openModel(path.join(fixtures, 'llama/model'), never);
    const kept = await cachedSpectra(model, model.summary.targets, never);
    await model.close();
    expect(kept.size).toBeGreaterThanOrEqual(2);
    expect(kept.size).toBeLessThan(14);
    expect((await run('llama/model')).analysis.matrices).toHaveLength(14);
  });

  test('chosen modules are computed alone, and the others later', async () => {
    const q = await run('llama/model', (model) => model.summary.targets.filter(({ module }) => module === 'q_proj'));
    expect(q.analysis.matrices.map(({ module }) => module)).toEqual(['q_proj', 'q_proj']);
    const all = await run('llama/model');
    expect([all.computed, all.analysis.matrices.length]).toEqual([true, 14]);
  });

  test('a line that was cut off, or altered, is computed again and spoils no other', async () => {
    const { analysis } = await run('llama/model');
    const file = spectraFile();
    const lines = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    expect(lines).toHaveLength(14);
    const altered = (lines[3] ?? '').replace(/"values":"..../, '"values":"AAAA');
    writeFileSync(file, [...lines.slice(0, 3), altered, ...lines.slice(4)].join('\n'));
    truncateSync(file, readFileSync(file).length - 40);
    const mended = await run('llama/model');
    expect([mended.computed, mended.analysis.matrices.length]).toEqual([true, 14]);
    const third = await run('llama/model');
    expect(third.computed).toBe(false);
    for (const [name, matrix] of byName(third.analysis)) {
      matrix.singularValues.forEach((s, i) => {
        expect(Math.abs(s - (byName(analysis).get(name)?.singularValues[i] ?? NaN))).toBeLessThan(1e-6);
      });
    }
  });

  test('a folder that cannot be written does not stop the analysis', async () => {
    writeFileSync(path.join(cache, 'spectra'), 'a file where the folder should be');
    expect((await run('llama/model')).analysis.matrices).toHaveLength(14);
  });
});

describe('special weights', () => {
  test('an all-zero matrix has zero values and a warning that names it, also from the cache', async () => {
    for (const expected of [true, false]) {
      const { analysis, computed } = await run('corrupt/models/zero-tensor');
      const zero = byName(analysis).get('model.layers.0.self_attn.q_proj');
      expect(computed).toBe(expected);
      expect(zero?.singularValues.every((s) => s === 0)).toBe(true);
      expect(zero?.warning).toContain('model.layers.0.self_attn.q_proj');
      expect(analysis.matrices.filter((matrix) => matrix.warning !== undefined)).toHaveLength(1);
    }
  });

  test('a value that is not finite is an error that names tensor and place', async () => {
    const { kernels } = await openBackend();
    const live = kernels.live;
    await expect(run('corrupt/models/nan-tensor')).rejects.toMatchObject({
      code: 'TENSOR_INVALID',
      message: expect.stringMatching(/model\.layers\.0\.self_attn\.q_proj\.weight.*NaN at row \d+/) as string,
    });
    expect(kernels.live).toBe(live);
  });

  test('no tensor is left behind', async () => {
    const { kernels } = await openBackend();
    const live = kernels.live;
    await run('gpt2/model');
    expect(kernels.live).toBe(live);
  });
});

describe('fused matrices', () => {
  // The parts of a fused matrix must be those of the rows that hold them (columns, for Conv1D).
  for (const [modelPath, module, parts] of [
    ['gpt2/model', 'c_attn', ['q', 'k', 'v']],
    ['more/phi3', 'qkv_proj', ['q', 'k', 'v']],
    ['more/phi3', 'gate_up_proj', ['gate', 'up']],
  ] as const) {
    test(`${module} of ${modelPath} shows ${parts.join(', ')}`, async () => {
      const { analysis } = await run(modelPath);
      const fused = analysis.matrices.filter((matrix) => matrix.module === module);
      expect(fused.length).toBeGreaterThan(0);
      for (const matrix of fused) {
        expect(matrix.parts?.map((part) => part.name)).toEqual(parts);
        // Stacked again they are the whole matrix.
        expect(matrix.parts?.reduce((sum, part) => sum + part.shape[0], 0)).toBe(matrix.shape[0]);
        expect(new Set(matrix.parts?.map((part) => part.shape[1]))).toEqual(new Set([matrix.shape[1]]));
        const squares = (values: Float32Array): number => values.reduce((sum, s) => sum + s * s, 0);
        const total = (matrix.parts ?? []).reduce((sum, part) => sum + squares(part.singularValues), 0);
        expect(Math.abs(total / squares(matrix.singularValues) - 1)).toBeLessThan(1e-5);
        for (const part of matrix.parts ?? []) {
          expect(part.singularValues[0]).toBeLessThanOrEqual((matrix.singularValues[0] ?? 0) * (1 + 1e-6));
        }
      }
    });
  }
});
