/** Mo-SARA in formats that cannot hold a router, and the gates of a text. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { exportFormats } from '../../../src-main/contract/exportFormats.ts';
import { appErrorOf } from '../../support/appErrorOf.ts';
import {
  answersOfRun,
  calibrate,
  exportChoices,
  exportRun,
  gatesOfText,
  liveTensors,
  releaseModels,
  trainRun,
  verifyExport,
} from '../../support/exportRuns.ts';
import { storiesFolder } from '../../support/goldenPath.ts';

let folder = '';
let run = '';
let exact = '';
let alive = 0;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sara-gates-'));
  const gated = { name: 'mosara', sets: 3, router: 'linear', output: 'vector' } as const;
  // At such a rate the gates differ between tokens after a few steps.
  run = await trainRun(storiesFolder, path.join(folder, 'gated'), { method: gated, learningRate: 0.1, steps: 12 });
  exact = await trainRun(storiesFolder, path.join(folder, 'one'), {
    method: { ...gated, sets: 1 },
    learningRate: 0.05,
  });
});
afterAll(async () => rm(folder, { recursive: true }));
beforeEach(async () => {
  alive = await liveTensors();
});
afterEach(async () => {
  await releaseModels();
  expect(await liveTensors(), 'tensors alive after the test').toBe(alive);
});

const place = (name: string): string => path.join(folder, name);

describe('a run with several sets', () => {
  test('cannot be merged as it is, and is told both ways', async () => {
    for (const format of ['hf', 'gguf', 'peft'] as const) {
      const error = await appErrorOf(exportRun(run, format, place(`refused-${format}`)));
      expect(error.code).toBe('NOT_MERGEABLE');
      expect(error.message).toMatch(/native adapter.*freeze/);
    }
  });

  // Bug caught: gates measured with the gates already frozen, which would cost nothing.
  test('is calibrated on its held-out rows: means that sum to 1, and a cost that is not zero', async () => {
    const calibration = await calibrate(run);
    expect(calibration).toMatchObject({ source: 'validation', rows: 2 });
    expect(calibration.kl).toBeGreaterThan(1e-7);
    expect(calibration.frozen.loss).not.toBe(calibration.adapter.loss);
    expect(calibration.frozen.perplexity).toBeCloseTo(Math.exp(calibration.frozen.loss), 9);
    for (const { mean, deviation, name } of calibration.matrices) {
      expect(mean.length).toBe(3);
      expect(
        mean.reduce((a, b) => a + b, 0),
        name,
      ).toBeCloseTo(1, 5);
      expect(Math.max(...deviation), name).toBeGreaterThan(0);
    }
    const ofFile = await calibrate(run, path.join(folder, 'gated', 'data.jsonl'));
    expect(ofFile).toMatchObject({ source: 'file', rows: 8 });
    expect(ofFile.matrices).not.toEqual(calibration.matrices);
  });

  test.each(['hf', 'gguf', 'ollama', 'peft', 'peft-compact', 'lora-gguf'] as const)(
    'is written as %s with frozen gates: proven against them, with the cost beside it',
    async (format) => {
      const { matrices, ...cost } = await calibrate(run);
      const freezeGates = { maxRows: 64, acceptKl: cost.kl };
      const out = place(`frozen-${format}`);
      const dtype = exportFormats[format].types === 'quant' ? { quant: 'f32' as const } : { dtype: 'f32' as const };
      const result = await exportRun(run, format, out, { freezeGates, ...dtype });
      expect(result.checks.filter(({ passed }) => !passed)).toEqual([]);
      expect(result.frozenGates).toEqual(cost);
      expect(result.notes?.join(' ')).toContain('perplexity');
      const report = JSON.parse(await readFile(path.join(out, 'export_report.json'), 'utf8')) as {
        readonly frozenGates: { readonly means: Readonly<Record<string, readonly number[]>> };
      };
      expect(report.frozenGates.means).toEqual(Object.fromEntries(matrices.map(({ name, mean }) => [name, mean])));
      expect(await verifyExport(out, run)).toMatchObject({ format, passed: true });
    },
  );

  // Bug caught: the means are looked for in a folder only, so one file could never be compared again.
  test('is written as one GGUF file, whose report beside it tells the means', async () => {
    const { kl } = await calibrate(run);
    const out = place('frozen.gguf');
    await exportRun(run, 'gguf', out, { freezeGates: { maxRows: 64, acceptKl: kl }, quant: 'f32' });
    expect(await verifyExport(out, run)).toMatchObject({ format: 'gguf', passed: true });
  });

  test('is not written when freezing costs more than was accepted', async () => {
    const { kl } = await calibrate(run);
    const freezeGates = { maxRows: 64, acceptKl: kl / 2 };
    const error = await appErrorOf(exportRun(run, 'hf', place('too-dear'), { freezeGates }));
    expect(error.code).toBe('NOT_MERGEABLE');
    expect(error.details).toMatchObject({ kl });
  });

  test('is exact as a native adapter, which has nothing to freeze', async () => {
    const result = await exportRun(run, 'native', place('native'));
    expect(result.maxAbsLogitDiff).toBe(0);
    const freezeGates = { maxRows: 64, acceptKl: 1 };
    const error = await appErrorOf(exportRun(run, 'native', place('native-frozen'), { freezeGates }));
    expect(error.code).toBe('SETTINGS_INVALID');
  });

  test('says which formats need frozen gates', async () => {
    const needing = (await exportChoices(run)).filter(({ needsFrozenGates }) => needsFrozenGates === true);
    expect(needing.map(({ format }) => format)).toEqual(['hf', 'peft', 'peft-compact', 'gguf', 'lora-gguf', 'ollama']);
    expect((await exportChoices(exact)).some(({ needsFrozenGates }) => needsFrozenGates)).toBe(false);
  });
});

describe('a run with one set', () => {
  test('merges exactly', async () => {
    const result = await exportRun(exact, 'hf', place('exact'), { dtype: 'f32' });
    expect(result.checks.filter(({ passed }) => !passed)).toEqual([]);
    expect(result.frozenGates).toBeUndefined();
  });

  test('has nothing to calibrate', async () => {
    expect((await appErrorOf(calibrate(exact))).message).toMatch(/merges exactly/);
  });
});

describe('the gates of a text', () => {
  test('are one row for each token in every matrix, and sum to 1', async () => {
    const text = 'Lily saw a red ball. It was big.';
    const { ids } = await answersOfRun(run, [1], [text]);
    const { tokens, sets, matrices, leftOut } = await gatesOfText(run, text);
    expect(sets).toBe(3);
    expect(leftOut).toBe(0);
    // One more than without special tokens: the beginning of the text.
    expect(tokens.length).toBe((ids[0]?.length ?? 0) + 1);
    expect(
      tokens
        .slice(1)
        .map(({ text: piece }) => piece)
        .join('')
        .trim(),
    ).toBe(text);
    for (const { gates, mean, name } of matrices) {
      expect(gates.length, name).toBe(3 * tokens.length);
      for (let i = 0; i < gates.length; i += 3) {
        expect((gates[i] ?? 0) + (gates[i + 1] ?? 0) + (gates[i + 2] ?? 0)).toBeCloseTo(1, 5);
      }
      const first = gates.filter((_, i) => i % 3 === 0).reduce((a, b) => a + b, 0) / tokens.length;
      expect(mean[0]).toBeCloseTo(first, 5);
    }
    expect(new Set(matrices[0]?.gates).size).toBeGreaterThan(3);
  });

  test('are refused of a run without gates', async () => {
    const lora = await trainRun(storiesFolder, path.join(folder, 'lora'), { method: { name: 'lora' }, steps: 1 });
    expect((await appErrorOf(gatesOfText(lora, 'a'))).message).toMatch(/lora.*choose a run of Mo-SARA/);
  });
});
